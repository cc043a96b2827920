import ArgumentParser
import CzarKit
import CzarPlanning

/// The shells that Czar writes code for.
enum KnownShell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

struct ShellInitCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell-init", abstract: "Prints shell code that adds 'czar cd WORKER'.",
        discussion: #"In ~/.bashrc or ~/.zshrc: eval "$(czar shell-init bash)"; in config.fish: czar shell-init fish | source"#)
    @Argument(help: "bash, zsh or fish.") var shell: KnownShell
    @OptionGroup var common: CommonOptions

    func run() throws { Console.answer(shell == .fish ? Self.fish : Self.posix) }

    /// What `czar cd --help` prints: there is no such command of the program's.
    private static let usage = """
        czar cd [-C DIR] [WORKER]
          Changes to the worktree of WORKER; without one, to the repository's own folder.
          'czar cd -' goes back to where you were.
        """

    /// fish knows two ways to write a quote inside of quotes, and neither is a shell's.
    private static let fishUsage = "'" + usage.replacing("'", with: #"\'"#) + "'"

    private static let posix = """
        czar() {
            if [ "$1" = -C ] && [ "$3" = cd ]; then
                local czar_from=$2
                shift 3
                set -- cd -C "$czar_from" "$@"
            fi
            if [ "$1" != cd ]; then
                command czar "$@"
                return
            fi
            shift
            local czar_folder czar_word
            for czar_word in "$@"; do
                case $czar_word in -h | --help) printf '%s\\n' \(ShellText.word(usage)); return ;; esac
            done
            if [ "$*" = - ]; then
                builtin cd -
            elif [ $# = 0 ] || { [ $# = 2 ] && [ "$1" = -C ]; }; then
                czar_folder=$(command czar path --root "$@") && builtin cd -- "$czar_folder"
            else
                czar_folder=$(command czar path "$@") && builtin cd -- "$czar_folder"
            fi
        }
        """

    private static let fish = """
        function czar --wraps czar --description 'czar, with czar cd'
            if test (count $argv) -gt 2; and test "$argv[1]" = -C; and test "$argv[3]" = cd
                set argv cd -C $argv[2] $argv[4..]
            end
            if test (count $argv) -eq 0; or test "$argv[1]" != cd
                command czar $argv
                return
            end
            set -e argv[1]
            if contains -- --help $argv; or contains -- -h $argv
                printf '%s\\n' \(fishUsage)
            else if test "$argv" = -
                cd -
            else if test (count $argv) -eq 0; or begin; test (count $argv) -eq 2; and test "$argv[1]" = -C; end
                set -l czar_folder (command czar path --root $argv); and cd $czar_folder
            else
                set -l czar_folder (command czar path $argv); and cd $czar_folder
            end
        end
        """
}

struct CompletionsCommand: CommonCommand {
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
