import ArgumentParser
import CzarKit
import CzarPlanning

/// The shells that Czar writes code for.
enum KnownShell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

struct ShellInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell-init", abstract: "Prints shell code that adds 'czar cd WORKER'.",
        discussion: #"In ~/.bashrc or ~/.zshrc: eval "$(czar shell-init bash)"; in config.fish: czar shell-init fish | source"#)
    @Argument(help: "bash, zsh or fish.") var shell: KnownShell
    @OptionGroup var common: CommonOptions

    func run() throws { Console.answer(shell == .fish ? Self.fish : Self.posix) }

    private static let posix = """
        czar() {
            if [ "$1" = cd ]; then
                shift
                local czar_folder
                czar_folder=$(command czar path "$@") && builtin cd -- "$czar_folder"
            else
                command czar "$@"
            fi
        }
        """

    private static let fish = """
        function czar --wraps czar --description 'czar, with czar cd'
            if test (count $argv) -gt 0; and test "$argv[1]" = cd
                set -l czar_folder (command czar path $argv[2..]); and builtin cd -- $czar_folder
            else
                command czar $argv
            end
        end
        """
}

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Prints completions of commands, options, workers, states and event types.",
        discussion: """
            bash: eval "$(czar completions bash)"
            zsh:  czar completions zsh >~/.zfunc/_czar, in a folder of fpath
            fish: czar completions fish | source
            """)
    @Argument(help: "bash, zsh or fish.") var shell: KnownShell
    @OptionGroup var common: CommonOptions

    func run() throws { Console.answer(CompletionScript.text(for: shell)) }
}
