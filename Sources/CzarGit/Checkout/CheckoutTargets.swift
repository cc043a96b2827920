import Glibc

extension RepositoryLocation {
    /// Fills worktrees: each blob is read once and written to all of them that have it.
    ///
    /// What is written is what `git worktree add` writes, except where ``CheckoutReport/unfiltered`` says otherwise. A target fails alone
    /// where the failure is its own; what it had got so far stays for its owner to remove. Blocks; runs on threads of its own.
    /// - Returns: one result a target, in their order; ``GitError/Code/noSpace`` when the disk is full, ``GitError/Code/stopped`` when it
    ///   was cancelled, ``GitError/Code/invalidName`` for a tree that git would refuse.
    /// - Complexity: O(distinct files) reads and O(files) writes. Memory: 10 MB and the budget of the options, and per worktree 40 bytes a
    ///   file; more for a single blob that is larger than the budget.
    package func checkOut(
        _ targets: [CheckoutTarget], options: CheckoutOptions = CheckoutOptions()
    ) -> [Result<CheckoutReport, GitError>] {
        var results: [Int: Result<CheckoutReport, GitError>] = [:]
        for group in groups(of: targets, failures: &results) {
            var rest = group.targets[...]
            var limit = CheckoutPlan.maximalLayouts
            while !rest.isEmpty {
                let part = beginning(of: rest, of: targets, limit)
                do throws(GitError) {
                    guard let filled = try fill(part.map { targets[$0] }, group, options) else {
                        limit = max(1, distinctContents(part.map { targets[$0] }).count / 2)
                        continue
                    }
                    for (number, result) in zip(part, filled) { results[number] = result }
                } catch {
                    for number in part { results[number] = .failure(error) }
                }
                rest = rest.dropFirst(part.count)
            }
        }
        return targets.indices.compactMap { results[$0] }
    }

    /// Targets that are filled by the same rules, by their numbers.
    private struct Group {
        let settings: CheckoutSettings
        let replacements: Replacements
        var targets: [Int] = []
    }

    /// Worktrees may have settings of their own; those that come to the same for a checkout are filled together, wherever they stand.
    private func groups(
        of targets: [CheckoutTarget], failures: inout [Int: Result<CheckoutReport, GitError>]
    ) -> [Group] {
        var groups: [Group] = []
        var known: [[UInt8]?: Int] = [:]
        let isConditional: Bool
        do throws(GitError) {
            isConditional = try Repository(opening: commonDirectory, ownConfiguration: false).includesByWorktree()
        } catch {
            for number in targets.indices { failures[number] = .failure(error) }
            return []
        }
        for (number, target) in targets.enumerated() {
            do throws(GitError) {
                if isConditional {
                    let group = try group(of: Repository(opening: target.gitDirectory), in: &groups)
                    groups[group].targets.append(number)
                    continue
                }
                let own = try worktreeConfiguration(of: target.gitDirectory)
                if known[own] == nil { known[own] = try group(own == nil ? nil : target.gitDirectory, in: &groups) }
                if let group = known[own] { groups[group].targets.append(number) }
            } catch {
                failures[number] = .failure(error)
            }
        }
        return groups
    }

    /// `configured`: the git directory whose settings count.
    private func group(_ configured: String?, in groups: inout [Group]) throws(GitError) -> Int {
        let repository = try Repository(opening: commonDirectory, ownConfiguration: false)
        if let configured { try WorktreeConfiguration.add(joinPath(configured, WorktreeConfiguration.fileName), to: repository.handle) }
        return try group(of: repository, in: &groups)
    }

    /// The group of what the handle's settings come to.
    private func group(of repository: borrowing Repository, in groups: inout [Group]) throws(GitError) -> Int {
        let group = Group(settings: try CheckoutSettings(repository), replacements: try Replacements(of: repository))
        if let same = groups.firstIndex(where: { $0.settings == group.settings && $0.replacements == group.replacements }) { return same }
        groups.append(group)
        return groups.count - 1
    }

    /// The first of these, `limit` distinct trees at most.
    private func beginning(of rest: ArraySlice<Int>, of targets: [CheckoutTarget], _ limit: Int) -> [Int] {
        var (part, contents): ([Int], [CheckoutContent]) = ([], [])
        for number in rest.prefix(Self.targetsAtOnce()) {
            if !contents.contains(targets[number].content) { contents.append(targets[number].content) }
            guard contents.count <= limit else { break }
            part.append(number)
        }
        return part
    }

    private func distinctContents(_ targets: [CheckoutTarget]) -> [CheckoutContent] {
        var contents: [CheckoutContent] = []
        for target in targets where !contents.contains(target.content) { contents.append(target.content) }
        return contents
    }

    /// A root stays open for each target, and a quarter of the limit is for the rest of the process.
    private static func targetsAtOnce() -> Int {
        max(1, min(CheckoutPlan.maximalLayouts, openFileLimit() / 4))
    }

    /// Nil, with nothing done, where the indexes would take too much memory together.
    private func fill(
        _ targets: [CheckoutTarget], _ group: Group, _ options: CheckoutOptions
    ) throws(GitError) -> [Result<CheckoutReport, GitError>]? {
        let repository = try Repository(opening: commonDirectory, ownConfiguration: false)
        let contents = distinctContents(targets)
        let built = try PlanBuilder.build(
            contents, settings: group.settings, following: group.replacements, indexes: options.indexes, repository)
        guard let plan = built else { return nil }
        var failures: [Int: GitError] = [:]
        var writers: [TargetWriter] = []
        var owners: [Int] = []
        for (number, target) in targets.enumerated() {
            do throws(GitError) {
                guard let layout = contents.firstIndex(of: target.content) else { continue }
                if let failure = plan.layouts[layout].failure { throw failure }
                writers.append(try TargetWriter(target, layout: layout, entries: plan.layouts[layout].template.count))
                owners.append(number)
            } catch {
                failures[number] = error
            }
        }
        // Pages of mapped packs count as this process's memory.
        let isLarge = try Self.packBytes(of: repository) > 512 << 20
        if isLarge { Library.limitMappedPacks(to: 96 << 20) }
        defer { if isLarge { Library.limitMappedPacks(to: nil) } }
        let fanOut = try FanOut(
            plan: plan, writers: writers, settings: group.settings, following: group.replacements, options: options, repository)
        if !writers.isEmpty { fanOut.run() }
        var results: [Int: Result<CheckoutReport, GitError>] = failures.mapValues { .failure($0) }
        for (writer, owner) in zip(writers, owners) {
            results[owner] = writer.error.map { .failure($0) } ?? .success(fanOut.report(of: writer))
        }
        return targets.indices.compactMap { results[$0] }
    }

    private static func packBytes(of repository: borrowing Repository) throws(GitError) -> Int {
        var sum = 0
        for folder in try ObjectFolders.all(of: repository) where FileKind(at: folder + "/pack") == .folder {
            sum += try onFiles { () throws(FileError) in
                let packs = try Folder(opening: folder + "/pack")
                return try packs.entries().reduce(0) { $0 + packs.size(of: $1) }
            }
        }
        return sum
    }
}

/// How many files this process may have open at one time.
package func openFileLimit() -> Int {
    var limit = rlimit()
    // The smallest number that POSIX allows.
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(clamping: limit.rlim_cur) : 20
}

extension Folder {
    /// A file's size in bytes; 0 when there is none.
    fileprivate func size(of name: [UInt8]) -> Int {
        var info = stat()
        return withCName(name + [0]) { fstatat(descriptor, $0, &info, AT_SYMLINK_NOFOLLOW) } == 0 ? Int(info.st_size) : 0
    }
}
