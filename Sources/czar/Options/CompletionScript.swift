import ArgumentParser

/// The code that completes `czar` in a shell: what the argument parser writes, and in front of it a function that brings the line into the
/// form that the parser's functions know, as ``OldVerbs`` does for the program itself: options of all commands behind the command, `czar cd`
/// as `czar path`, other names of commands as the first one, the command behind `exec W --` left to the shell.
enum CompletionScript {
    static func text(for shell: KnownShell) -> String {
        script(for: shell).replacing(
            otherNames, with: OldVerbs.otherNames.map { name, command in otherName(name, command, shell) }.joined())
    }

    /// Where each script turns another name of a command into the one that the parser's functions know.
    private static let otherNames = "@other-names@\n"

    private static func otherName(_ name: String, _ command: String, _ shell: KnownShell) -> String {
        switch shell {
        case .bash: "            \(name)) rest[0]=\(command) ;;\n"
        case .zsh: "            \(name)) rest[1]=\(command) ;;\n"
        case .fish: "    case \(name)\n        set rest[1] \(command)\n"
        }
    }

    private static func script(for shell: KnownShell) -> String {
        switch shell {
        case .bash:
            // Words are offered as files to the shell where they are files only: a worker 'docs' beside a folder 'docs' is no folder.
            CzarCommand.completionScript(for: .bash)
                .replacing("\n_czar() {", with: "\n__czar_line() {")
                .replacing("complete -o filenames -F _czar czar", with: bash + "\ncomplete -F _czar czar")
                .replacing("__czar_add_completions -f", with: "compopt -o filenames 2>/dev/null; __czar_add_completions -f")
                .replacing("__czar_add_completions -d", with: "compopt -o filenames 2>/dev/null; __czar_add_completions -d")
        case .zsh:
            CzarCommand.completionScript(for: .zsh)
                .replacing("\n_czar() {", with: "\n__czar_line() {")
                .replacing("\nif [[ \"${funcstack[1]}\" = _czar ]]", with: "\n" + zsh + "\n\nif [[ \"${funcstack[1]}\" = _czar ]]")
        case .fish:
            // The parser asks fish for the cursor's place in the token by a call that no fish before 4 answers, and then nothing of ours is
            // completed there; the length of the token up to the cursor is the same everywhere.
            CzarCommand.completionScript(for: .fish)
                .replacing("(__czar_tokens -tC)", with: "(commandline -ct | string length)")
                .replacing("set -l unparsed_tokens (__czar_tokens -pc)", with: "set -l unparsed_tokens (__czar_words)") + "\n" + fish
        }
    }

    private static let bash = #"""
        _czar() {
            local cur="${2}"
            local -i index
            local -a words options=() rest=("${COMP_WORDS[@]:1:${COMP_CWORD}}")
            while [[ "${#rest[@]}" -gt 1 ]]; do
                case "${rest[0]}" in
                -C|--format|--color)
                    [[ "${#rest[@]}" -gt 2 ]] || break
                    options+=("${rest[@]:0:2}"); rest=("${rest[@]:2}") ;;
                --json|-q|--quiet|--ascii|--yes) options+=("${rest[0]}"); rest=("${rest[@]:1}") ;;
                *) break ;;
                esac
            done
            if [[ "${#rest[@]}" -gt 1 ]]; then
                case "${rest[0]}" in
                -C|--format|--color) rest=(status "${rest[@]}") ;;
                cd) rest[0]=path ;;
        @other-names@
                help) [[ "${#rest[@]}" -gt 2 ]] || rest=("${rest[@]:1}") ;;
                add)
                    # The parser's functions know one worker behind '--after'.
                    [[ "${rest[${#rest[@]} - 1]}" = -* ]] || for ((index = ${#rest[@]} - 2; index > 0; index--)); do
                        [[ "${rest[index]}" = -* ]] || continue
                        [[ "${rest[index]}" != --after ]] || rest=("${rest[@]:0:index + 1}" "${rest[${#rest[@]} - 1]}")
                        break
                    done ;;
                exec)
                    for ((index = 1; index < ${#rest[@]} - 1; index++)); do
                        [[ "${rest[index]}" = -- ]] || continue
                        if [[ "${index}" -eq $((${#rest[@]} - 2)) ]]; then
                            __czar_add_completions -c
                        else
                            compopt -o filenames 2>/dev/null; __czar_add_completions -f
                        fi
                        return
                    done ;;
                esac
            fi
            words=("${COMP_WORDS[0]}" "${rest[0]}")
            [[ "${#rest[@]}" -eq 1 ]] || words+=("${options[@]}" "${rest[@]:1}")
            local -a COMP_WORDS=("${words[@]}")
            local COMP_LINE="${words[*]}"
            local COMP_CWORD="$((${#words[@]} - 1))" COMP_POINT="${#COMP_LINE}"
            __czar_line "${1}" "${2}" "${words[COMP_CWORD - 1]}"
            # 'czar shell-init' adds it.
            if [[ "${#rest[@]}" -eq 1 && cd = "${cur}"* && -n "${cur}" ]] && declare -F czar >/dev/null; then COMPREPLY+=(cd); fi
        }

        """#

    private static let zsh = #"""
        _czar() {
            local -a options rest
            local -i index
            rest=("${(@)words[2,CURRENT]}")
            while (( ${#rest} > 1 )); do
                case "${rest[1]}" in
                -C|--format|--color)
                    (( ${#rest} > 2 )) || break
                    options+=("${(@)rest[1,2]}"); rest=("${(@)rest[3,-1]}") ;;
                --json|-q|--quiet|--ascii|--yes) options+=("${rest[1]}"); rest=("${(@)rest[2,-1]}") ;;
                *) break ;;
                esac
            done
            if (( ${#rest} > 1 )); then
                case "${rest[1]}" in
                -C|--format|--color) rest=(status "${(@)rest}") ;;
                cd) rest[1]=path ;;
        @other-names@
                help) (( ${#rest} > 2 )) || rest=("${(@)rest[2,-1]}") ;;
                add)
                    [[ "${rest[-1]}" = -* ]] || for (( index = ${#rest} - 1; index > 1; index-- )); do
                        [[ "${rest[index]}" = -* ]] || continue
                        [[ "${rest[index]}" != --after ]] || rest=("${(@)rest[1,index]}" "${rest[-1]}")
                        break
                    done ;;
                exec)
                    for (( index = 2; index < ${#rest}; index++ )); do
                        [[ "${rest[index]}" = -- ]] || continue
                        words=("${(@)rest[index+1,-1]}")
                        CURRENT=${#words}
                        _normal
                        return
                    done ;;
                esac
            fi
            if (( ${#rest} > 1 )); then
                words=("${words[1]}" "${rest[1]}" "${(@)options}" "${(@)rest[2,-1]}")
            else
                words=("${words[1]}" "${(@)rest}")
            fi
            CURRENT=${#words}
            # 'czar shell-init' adds it.
            (( ${#rest} == 1 && $+functions[czar] )) && compadd -- cd
            __czar_line "${@}"
        }
        """#

    private static let fish = #"""
        function __czar_words
            set -l rest (__czar_tokens -pc)
            set -l name $rest[1]
            set -e rest[1]
            set -l options
            while set -q rest[1]
                switch $rest[1]
                case -C --format --color
                    set -q rest[2]; or break
                    set -a options $rest[1..2]
                    set -e rest[1..2]
                case --json -q --quiet --ascii --yes
                    set -a options $rest[1]
                    set -e rest[1]
                case '*'
                    break
                end
            end
            switch "$rest[1]"
            case -C --format --color
                set -p rest status
            case cd
                set rest[1] path
        @other-names@
            case help
                test (count $rest) -gt 1; or set -e rest[1]
            case exec
                contains -- -- $rest; and return
            end
            set -q rest[1]; and set rest $rest[1] $options $rest[2..]
            printf '%s\n' $name $rest
        end
        # 'czar shell-init' adds it.
        complete -c czar -n 'functions -q czar; and test (count (__czar_tokens -pc)) -eq 1' -fa cd -d 'Changes to a worktree'

        function __czar_command_of_exec
            set -l tokens (__czar_tokens -pc)
            contains -- exec $tokens; or return
            set -l index (contains -i -- -- $tokens); or return
            set -e tokens[1..$index]
            echo "$tokens "(commandline -ct)
        end

        # fish knows one worker behind '--after'.
        function __czar_after_more
            set -l tokens (__czar_tokens -pc)
            contains -- add $tokens; or return
            for index in (seq (count $tokens) -1 2)
                string match -q -- '-*' $tokens[$index]; or continue
                test $tokens[$index] = --after
                return
            end
            return 1
        end

        complete -c 'czar' -n __czar_after_more -fka '(__czar_custom_completion ---completion add -- --after (count (__czar_tokens -pc)) (commandline -ct | string length))'
        complete -c 'czar' -n '__czar_command_of_exec >/dev/null' -fka '(complete -C (__czar_command_of_exec))'
        """#
}
