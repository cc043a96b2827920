/// Settings that git would take from the environment and libgit2 does not.
enum UnreadSettings {
    /// The variables that give them.
    static func variables() -> [String] {
        let environment = processEnvironment()
        return ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"].filter {
            // A count of none sets nothing.
            guard let value = environment[$0], !value.isEmpty else { return false }
            return value != "0"
        }
    }
}
