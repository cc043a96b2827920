import CzarPlanning
import Testing

/// A plan with its faults, and all that is to be said about it: `E4 workers[0].branch: part of the sentence`.
///
/// `E` is an error and `W` a warning; the number is the line.
struct BadPlan: Sendable, CustomTestStringConvertible {
    var name: String
    var format = PlanFile.Format.yaml
    var text: String
    var expected: [String]

    var testDescription: String { name }
}

let badPlans: [BadPlan] = [
    // MARK: Text that is no JSON
    BadPlan(name: "empty JSON", format: .json, text: "  \n", expected: ["E2 : The file is empty"]),
    BadPlan(
        name: "trailing comma in an object", format: .json, text: "{\"workers\": [\n{\"id\": \"a\",\n}]}",
        expected: ["E2 : no comma before the closing '}'"]),
    BadPlan(
        name: "trailing comma in a list", format: .json, text: "{\"workers\": [{\"id\": \"a\"},]}",
        expected: ["E1 : no comma before the closing ']'"]),
    BadPlan(name: "unterminated text", format: .json, text: "{\n\"workers\": \"abc\n}", expected: ["E2 : no closing quote"]),
    BadPlan(name: "unclosed object", format: .json, text: "{\"workers\": [{\"id\": \"a\"}]", expected: ["E1 : ends before the '}'"]),
    BadPlan(name: "bad escape", format: .json, text: "{\"project\": {\"name\": \"a\\q\"}}", expected: ["E1 : '\\q' is no JSON escape"]),
    BadPlan(
        name: "half a surrogate pair", format: .json, text: "{\"project\": {\"name\": \"\\ud800\"}}", expected: ["E1 : surrogate pair"]),
    BadPlan(name: "escaped NUL", format: .json, text: "{\"project\": {\"name\": \"\\u0000\"}}", expected: ["E1 : NUL character"]),
    BadPlan(name: "single quotes", format: .json, text: "{'workers': []}", expected: ["E1 : double quotes, not single ones"]),
    BadPlan(name: "comment in JSON", format: .json, text: "{\n// x\n}", expected: ["E2 : no comments"]),
    BadPlan(
        name: "a number with a unit", format: .json, text: "{\"orchestration\": {\"stuck_after\": 30m}}",
        expected: ["E1 : in double quotes"]),
    BadPlan(name: "text after the end", format: .json, text: "{\"workers\": [{\"id\": \"a\"}]} x", expected: ["E1 : after the end"]),
    BadPlan(name: "a bare word", format: .json, text: "{\"workers\": None}", expected: ["E1 : 'None' is no JSON value"]),
    BadPlan(
        name: "duplicate keys in JSON are listed with the rest", format: .json,
        text: "{\"workers\": [\n{\"id\": \"a\",\n \"role\": \"x\",\n \"role\": \"y\", \"priority\": \"soon\"}],\n \"workers\": 1}",
        expected: ["E4 workers[0].role: first on line 3", "E4 workers[0].priority: no whole number", "E5 workers: first on line 1"]),
    // MARK: Text that is no YAML
    BadPlan(name: "empty YAML", text: "# nothing\n", expected: ["E1 : The file is empty"]),
    BadPlan(
        name: "faults before a YAML fault",
        text: """
            project: {name: p, phase: [1]}
            orchestration:
              stuck_after: soon
            workers:
              - id: a
                planned_duration: long
              - id: b
                dependencies: [c]
                budget: {time: never}
               description: one column off
              - id: c
                branch: 'a..b'

            """,
        expected: [
            "E1 project.phase: single value", "E3 orchestration.stuck_after: ", "W6 workers[0].planned_duration: ",
            "E9 workers[1].budget.time: ", "E10 : from line 10 on nothing was checked",
        ]),
    BadPlan(
        name: "faults before brackets that nobody closes",
        text: "project: {name: p}\nworkers:\n  - id: a\n    planned_duration: long\n  - {id: b, budget: {time: 1h}\n  - id: c\n",
        expected: ["W4 workers[0].planned_duration: ", "E6 : from line 5 on nothing was checked"]),
    BadPlan(
        name: "a worker that a YAML fault cuts off lacks nothing",
        text: "workers:\n  - description: first\n    id: a\n  - description: second\n    role: \"code\n",
        expected: ["E6 : from line 5 on nothing was checked"]),
    BadPlan(name: "unclosed bracket", text: "workers: [\n  {id: a}\n", expected: ["E3 : cannot be read"]),
    BadPlan(name: "tab as indentation", text: "workers:\n\t- id: a\n", expected: ["E2 : cannot be read"]),
    BadPlan(
        name: "duplicate key in YAML", text: "workers:\n  - id: a\n    role: x\n    role: y\n",
        expected: ["E4 workers[0].role: first on line 3"]),
    BadPlan(
        name: "duplicate keys in YAML are listed with the rest",
        text:
            "project: {name: x, \"name\": y}\nworkers:\n  - id: a\n    role: x\n    role: y\n    prio\u{e9}: 1\n    prio\u{e9}: 2\n    priority: soon\n    role: z\n  - &b {id: b, id: b}\nworkers: []\n",
        expected: [
            "E1 project.name: stands twice in this mapping, first on line 1", "E5 workers[0].role: first on line 4",
            "W6 workers[0].prio\u{e9}: ",
            "E7 workers[0].prio\u{e9}: first on line 6", "E8 workers[0].priority: no whole number", "E9 workers[0].role: first on line 4",
            "E10 workers[1].id: first on line 10", "E11 workers: first on line 2",
        ]),
    BadPlan(
        name: "a duplicate key in a mapping that aliases repeat",
        text: "x: &x {role: a, role: b}\nworkers:\n  - {<<: *x, id: a}\n  - {<<: *x, id: b, priority: soon}\n",
        expected: ["W1 x: ", "E1 x.role: first on line 1", "E4 workers[1].priority: no whole number"]),
    BadPlan(
        name: "a duplicate key that is written in another way",
        text: "workers:\n  - id: a\n    \"\\u0072ole\": x\n    role: y\n", expected: ["E4 role: first on line 3"]),
    BadPlan(name: "two documents", text: "workers: [{id: a}]\n---\nworkers: [{id: b}]\n", expected: ["E2 : second YAML document"]),
    BadPlan(name: "unknown alias", text: "workers: [*nobody]\n", expected: ["E1 : undefined alias"]),
    BadPlan(name: "a list as key", text: "workers: [{id: a}]\n? [x]\n: y\n", expected: ["E1 : not plain text"]),
    // MARK: Shapes
    BadPlan(name: "a list instead of a plan", text: "- a\n- b\n", expected: ["E1 : must be a mapping"]),
    BadPlan(name: "no workers", text: "project: {name: x}\n", expected: ["E1 workers: no workers"]),
    BadPlan(name: "an empty list of workers", text: "project: {name: x}\nworkers: []\n", expected: ["E2 workers: no workers"]),
    BadPlan(name: "workers are text", text: "workers: a, b\n", expected: ["E1 workers: not a single value"]),
    BadPlan(
        name: "blocks of the wrong kind", text: "project: billing\norchestration: [1]\nagents: x\nworkers:\n  - a\n  - {id: [b]}\n",
        expected: [
            "E1 project: must be a mapping", "E2 orchestration: must be a mapping", "E3 agents: must be a mapping",
            "E5 workers[0]: must be a mapping",
            "E6 workers[1].id: must be a single value",
        ]),
    BadPlan(
        name: "fields of the wrong kind",
        text:
            "workers:\n  - id: a\n    dependencies: b\n    merges: {x: y}\n    success: [[x]]\n    allow_empty: perhaps\n    description: [x]\n",
        expected: [
            "E3 workers[0].dependencies: must be a list", "E4 workers[0].merges: must be a list", "E5 workers[0].success: single value",
            "E6 workers[0].allow_empty: neither true nor false", "E7 workers[0].description: single value",
        ]),
    // MARK: Ids and references
    BadPlan(
        name: "duplicate ids, ignoring case", text: "workers:\n  - id: api\n  - id: API\n  - id: api\n",
        expected: ["E3 workers[1].id: already the id of the worker on line 2", "E4 workers[2].id: already the id of the worker on line 2"]),
    BadPlan(
        name: "a worker without id", text: "workers:\n  - role: code\n  - id: ''\n",
        expected: ["E2 workers[0].id: has no id", "E3 workers[1].id: may not be empty"]),
    BadPlan(
        name: "unknown dependency", text: "workers:\n  - id: backend\n  - id: ui\n    dependencies: [bakend, nothing-like-it]\n",
        expected: ["E4 workers[1].dependencies: Did you mean 'backend'?", "E4 workers[1].dependencies: 'nothing-like-it'."]),
    BadPlan(
        name: "unknown merge", text: "workers:\n  - id: a\n    merges: [zebra]\n",
        expected: ["E3 workers[0].merges: No worker is called 'zebra'."]),
    BadPlan(
        name: "self references", text: "workers:\n  - id: a\n    dependencies: [a]\n    merges:\n      - a\n",
        expected: ["E3 workers[0].dependencies: cannot depend on itself", "E5 workers[0].merges: cannot merge itself"]),
    BadPlan(
        name: "a cycle", text: "workers:\n  - {id: c, dependencies: [a]}\n  - {id: b, dependencies: [c]}\n  - {id: a, dependencies: [b]}\n",
        expected: ["E4 workers[2].dependencies: a → b → c → a."]),
    BadPlan(
        name: "two cycles that share a worker",
        text:
            "workers:\n  - {id: a, dependencies: [b, c]}\n  - {id: b, dependencies: [a]}\n  - {id: c, dependencies: [a]}\n  - {id: d, dependencies: [c]}\n",
        expected: ["E2 workers[0].dependencies: these can start: a → b → a.", "E2 workers[0].dependencies: these can start: a → c → a."]),
    BadPlan(
        name: "a cycle through a base",
        text: "workers:\n  - {id: a, branch: feat/a, dependencies: [b]}\n  - id: b\n    base: feat/a\n",
        expected: ["E2 workers[0].dependencies: a → b → a."]),
    BadPlan(
        name: "a cycle through merges", text: "workers:\n  - id: a\n    merges: [b]\n  - {id: b, dependencies: [a]}\n",
        expected: ["E3 workers[0].merges: can never complete"]),
    BadPlan(
        name: "a dependency in a later phase", text: "workers:\n  - id: a\n    phase: 1\n    dependencies: [b]\n  - {id: b, phase: 2}\n",
        expected: ["E4 workers[0].dependencies: can never start: 'b' belongs to the later phase 2"]),
    // MARK: Branches
    BadPlan(
        name: "two workers on one branch", text: "workers:\n  - {id: a, branch: feat/x}\n  - {id: b, branch: feat/X}\n",
        expected: ["E3 workers[1].branch: differs from 'feat/x' in case only"]),
    BadPlan(
        name: "a branch inside another", text: "workers:\n  - {id: a, branch: feat}\n  - {id: b, branch: feat/b}\n",
        expected: ["E3 workers[1].branch: Git cannot have both 'feat/b' and 'feat', the branch of worker 'a'"]),
    BadPlan(
        name: "invalid branch names",
        text:
            "workers:\n  - {id: a, branch: 'x y'}\n  - {id: b, branch: a..b}\n  - {id: c, branch: refs/heads/c}\n  - {id: d, branch: x.lock}\n  - {id: e, branch: HEAD}\n",
        expected: [
            "E2 workers[0].branch: must not hold spaces", "E3 workers[1].branch: must not hold '..'",
            "E4 workers[2].branch: without 'refs/heads/'",
            "E5 workers[3].branch: ends with '.lock'", "E6 workers[4].branch: reserved by git",
        ]),
    BadPlan(
        name: "the base as a worker's branch",
        text: "project: {base: main}\nworkers:\n  - {id: a, branch: main}\n  - {id: b, branch: main/b}\n",
        expected: ["E3 workers[0].branch: is the plan's base", "E4 workers[1].branch: cannot have both 'main/b' and 'main'"]),
    BadPlan(
        name: "the omnibus branch without merges",
        text: "project: {omnibus_branch: rel/1}\nworkers:\n  - {id: a, branch: rel/1}\n  - {id: b, branch: rel}\n",
        expected: [
            "E1 project.omnibus_branch: cannot have both the omnibus branch 'rel/1' and 'rel'",
            "E3 workers[0].branch: is the plan's omnibus branch", "E3 workers[0].branch: Git cannot have both 'rel/1' and 'rel'",
        ]),
    BadPlan(
        name: "a worker based on itself", text: "workers:\n  - id: a\n    branch: feat/a\n    base: feat/a\n",
        expected: ["E4 workers[0].base: is its own branch"]),
    BadPlan(
        name: "bad bases", text: "project:\n  base: 'a b'\nworkers:\n  - {id: a, base: '-x'}\n",
        expected: ["E2 project.base: must not hold spaces", "E4 workers[0].base: must not start with '-'"]),
    BadPlan(
        name: "two omnibus branches", text: "project: {omnibus_branch: rel/1}\nomnibus:\n  branch: rel/2\nworkers: [{id: a}]\n",
        expected: ["E3 omnibus.branch: 'rel/2' here and 'rel/1' in project.omnibus_branch (line 1)"]),
    BadPlan(
        name: "two bases", text: "project: {base: main}\norchestration: {base_branch: dev}\nworkers: [{id: a}]\n",
        expected: ["E2 orchestration.base_branch: 'dev' here and 'main' in project.base (line 1)"]),
    // MARK: Templates and worktrees
    BadPlan(
        name: "a branch template without id", text: "orchestration:\n  branch_template: work/{phase}\nworkers: [{id: a}, {id: b}]\n",
        expected: ["E2 orchestration.branch_template: The workers 'a' and 'b' have the same branch 'work/1'"]),
    BadPlan(
        name: "a bad template is said once for all workers",
        text:
            "project: {base: cz}\norchestration:\n  branch_template: 'cz/{id}'\n  worktree_template: ../{id}\nworkers: [{id: a}, {id: b}, {id: c}]\n",
        expected: [
            "E3 orchestration.branch_template: Git cannot have both 'cz/a' and the base 'cz' (the same for 2 other workers).",
            "E4 orchestration.worktree_template: The worktree '../a' of worker 'a' leaves its folder with '..'",
        ]),
    BadPlan(
        name: "a branch template that makes one branch for many",
        text: "orchestration:\n  branch_template: work\nworkers: [{id: a}, {id: b}, {id: c}]\n",
        expected: ["E2 orchestration.branch_template: The workers 'a' and 'b' have the same branch 'work' (the same for 1 other worker)."]),
    BadPlan(
        name: "a worktree template without id", text: "orchestration:\n  worktree_template: work/{phase}\nworkers: [{id: a}, {id: b}]\n",
        expected: ["E2 orchestration.worktree_template: 'a' and 'b' have the same worktree 'work/1'"]),
    BadPlan(
        name: "worktrees inside worktrees",
        text:
            "orchestration:\n  worktree_template: '{branch}'\nworkers:\n  - {id: a, branch: x}\n  - {id: b, branch: x-y, worktree: x/y}\n",
        expected: ["E5 workers[1].worktree: lies inside that of 'a'"]),
    BadPlan(
        name: "unknown and misplaced placeholders",
        text: "orchestration:\n  branch_template: '{idd}/{prompt}'\n  worktree_template: 'w/{version}/{id}'\nworkers: [{id: a}]\n",
        expected: [
            "E2 orchestration.branch_template: {idd} does not exist. Did you mean '",
            "E2 orchestration.branch_template: {prompt} has no meaning",
            "E3 orchestration.worktree_template: {version} has no value here",
        ]),
    BadPlan(
        name: "a worktree outside the repository", text: "orchestration:\n  worktree_template: ../{id}\nworkers: [{id: a}]\n",
        expected: ["E2 orchestration.worktree_template: leaves its folder with '..'"]),
    BadPlan(
        name: "worktrees in places of others",
        text:
            "workers:\n  - {id: a, worktree: /tmp/a}\n  - {id: b, worktree: x/.GIT/b}\n  - {id: c, worktree: .czarina/workers/c}\n  - {id: d, worktree: ~/d}\n  - {id: e, worktree: .czarina/worktrees}\n  - {id: f, worktree: .}\n  - {id: g, worktree: a//b}\n",
        expected: [
            "E2 workers[0].worktree: is absolute", "E3 workers[1].worktree: inside '.git'", "E4 workers[2].worktree: Czar's own files",
            "E5 workers[3].worktree: starts with '~'", "E6 workers[4].worktree: Czar's own files", "E7 workers[5].worktree: a part '.'",
            "E8 workers[6].worktree: empty part",
        ]),
    BadPlan(
        name: "a version that escapes",
        text: "project: {version: ../../..}\norchestration:\n  worktree_template: 'w/{version}/{id}'\nworkers: [{id: a}]\n",
        expected: ["E3 orchestration.worktree_template: leaves its folder with '..'"]),
    // MARK: Work
    BadPlan(
        name: "a command as text", text: "workers:\n  - id: a\n    command: make test\n",
        expected: ["E3 workers[0].command: for shell text use 'script:'"]),
    BadPlan(
        name: "an empty command", text: "workers:\n  - {id: a, command: []}\n  - {id: b, command: ['']}\n",
        expected: ["E2 workers[0].command: program's name", "E3 workers[1].command: program's name"]),
    BadPlan(
        name: "command and script", text: "workers:\n  - id: a\n    command: [make]\n    script: make\n  - id: b\n    script: ' '\n",
        expected: ["E4 workers[0].script: not both", "E6 workers[1].script: is empty"]),
    BadPlan(
        name: "placeholders of a command",
        text:
            "workers:\n  - id: a\n    command: [sh, -c, 'echo {id}']\n  - id: b\n    command: [x, '{promt}', '{title}', '{', '{}', '{a b}']\n  - {id: c, command: [bash, -lc, '{script}']}\n",
        expected: [
            "E3 workers[0].command: only {script} may stand", "E5 workers[1].command: Did you mean 'prompt'?",
            "E5 workers[1].command: {title} has no meaning",
        ]),
    BadPlan(
        name: "unknown agents",
        text:
            "orchestration:\n  default_agent: claud\n  agents_by_role: {docs: cursr}\nagents:\n  mine: {max_active: 2}\n  other: {command: [other]}\nworkers:\n  - {id: a, agent: codx}\n  - {id: b, agent: othr}\n",
        expected: [
            "E2 orchestration.default_agent: Did you mean 'claude'?", "E3 orchestration.agents_by_role.docs: Did you mean 'cursor'?",
            "E5 agents.mine: has no command", "E8 workers[0].agent: Did you mean 'codex'?", "E9 workers[1].agent: Did you mean 'other'?",
        ]),
    BadPlan(
        name: "an agent that may never run", text: "agents:\n  claude:\n    max_active: 0\nworkers: [{id: a, agent: claude}]\n",
        expected: ["E3 agents.claude.max_active: 'a' can never start"]),
    BadPlan(
        name: "agent profiles",
        text: "agents:\n  x:\n    command: x\n    autonomy: godlike\n    env: [HOME]\n    exclude: y\n    resume: z\nworkers: [{id: a}]\n",
        expected: [
            "E3 agents.x.command: list of arguments", "E4 agents.x.autonomy: edits, sandboxed, full", "E5 agents.x.env: must be a mapping",
            "E6 agents.x.exclude: must be a list", "E7 agents.x.resume: A command is a list",
        ]),
    // MARK: Values
    BadPlan(
        name: "unreadable durations",
        text:
            "orchestration:\n  stuck_after: 30\n  retry: {limit: 1, backoff: -1m}\n  budget: {time: 5 fortnights}\nworkers:\n  - {id: a, budget: {time: 99999999999999999w}, planned_duration: soon}\n",
        expected: [
            "E2 orchestration.stuck_after: '30' is no duration", "E3 orchestration.retry.backoff: '-1m'",
            "E4 orchestration.budget.time: '5 fortnights'",
            "E6 workers[0].budget.time: is no duration", "W6 workers[0].planned_duration: 'soon'",
        ]),
    BadPlan(
        name: "unreadable amounts",
        text:
            "workers:\n  - {id: a, token_budget: -5}\n  - {id: b, token_budget: lots}\n  - {id: c, token_budget: 99999999999999999999}\n  - {id: d, token_budget: 9999999999999G}\n  - {id: e, token_budget: 1, budget: {tokens: 2}}\n",
        expected: [
            "E2 workers[0].token_budget: '-5'", "E3 workers[1].token_budget: 'lots'", "E4 workers[2].token_budget: is no number of tokens",
            "E5 workers[3].token_budget: is no number of tokens", "E6 workers[4].token_budget: 1 tokens here and 2",
        ]),
    BadPlan(
        name: "numbers out of range",
        text:
            "orchestration:\n  max_active: -1\n  retry: {limit: 1.5}\n  timeout_hours: x\nworkers:\n  - {id: a, priority: 99999999999999999999}\n",
        expected: [
            "E2 orchestration.max_active: '-1'", "E3 orchestration.retry.limit: '1.5'", "E4 orchestration.timeout_hours: 'x'",
            "E6 workers[0].priority: no whole number",
        ]),
    BadPlan(
        name: "values that are not in the list",
        text:
            "orchestration:\n  dependency_gate: completed\n  auto_commit: always\n  launcher: docker\n  signing: maybe\n  budget: {on_limit: explode}\nintegration: {strategy: octopus, batch: 0}\nworkers: [{id: a}]\n",
        expected: [
            "E2 orchestration.dependency_gate: Did you mean 'complete'?", "E3 orchestration.auto_commit: one of on_exit, never",
            "E4 orchestration.launcher: one of local, tmux, none", "E5 orchestration.signing: as_configured, skip",
            "E6 orchestration.budget.on_limit: warn, pause, stop",
            "W7 integration: lands nothing yet", "E7 integration.strategy: merge, squash, rebase", "E7 integration.batch: from 1",
        ]),
    BadPlan(
        name: "bad dates and phases", text: "project:\n  deadline: 2026-02-30\n  phase: a/b\nworkers:\n  - {id: a, phase: '../x'}\n",
        expected: ["E2 project.deadline: is no date", "E3 project.phase: may hold only", "E5 workers[0].phase: may hold only"]),
    BadPlan(
        name: "control characters in names", format: .json,
        text: "{\"project\": {\"name\": \"a\\nb\"},\n\"workers\": [{\"id\": \"a\\u001bb\"}]}",
        expected: ["E1 project.name: control characters", "E2 workers[0].id: control characters"]),
    // MARK: Features that are not there yet
    BadPlan(
        name: "features that are not there yet",
        text:
            "orchestration:\n  push: on_complete\n  start_from: dependencies\n  launcher: local\nchecks: [{name: build, run: make}]\nintegration: {}\nworkers: [{id: a}]\n",
        expected: [
            "E2 orchestration.push: does not push yet", "E3 orchestration.start_from: from the base only",
            "E5 checks: no checks yet", "W6 integration: lands nothing yet",
        ]),
    BadPlan(
        name: "what landing and a check of paths would do",
        text: "integration: {strategy: squash, batch: 9}\nworkers: [{id: a, paths: [src]}, {id: b, paths: [src], sparse: true}]\n",
        expected: [
            "W1 integration: lands nothing yet", "E1 integration.strategy: write 'strategy: merge' or remove it, and squash by hand",
            "E1 integration.batch: write 'batch: 8'", "W2 workers[0].paths: is not checked yet",
        ]),
    BadPlan(
        name: "contents of a worktree",
        text:
            "workers:\n  - id: a\n    sparse: true\n    paths: ['**', '*.c', '!x', '../x', src]\n    copy: [.env, '../x', '~/x', '#x', ' /']\n",
        expected: [
            "W4 workers[0].paths: is not checked yet",
            "E4 workers[0].paths: '**' begins with no folder", "E4 workers[0].paths: '*.c' begins with no folder",
            "E4 workers[0].paths: '../x' holds '..'",
            "E5 workers[0].copy: holds '..'", "E5 workers[0].copy: starts with '~'", "E5 workers[0].copy: is a comment",
            "E5 workers[0].copy: selects nothing",
        ]),
    BadPlan(
        name: "set-ups and ports",
        text:
            "workers:\n  - id: a\n    script: x\n    setup: {run: make}\n    ports: 65\n  - id: b\n    script: x\n    setup: {timeout: soon, twice: 1}\n  - id: c\n    script: x\n    setup: {run: [x, '{session}', '{prompt}'], timeout: soon}\n  - {id: d, setup: {run: [x]}}\n",
        expected: [
            "E4 workers[0].setup.run: list of arguments", "E5 workers[0].ports: from 0 to 64", "E8 workers[1].setup.run: needs the command",
            "E8 workers[1].setup.timeout: 'soon' is no duration",
            "W8 workers[1].setup.twice: is unknown", "E11 workers[2].setup.run: {session} has no meaning",
            "E11 workers[2].setup.run: {prompt} has no meaning", "E11 workers[2].setup.timeout: 'soon' is no duration",
            "W12 workers[3].setup: A person works there",
        ]),
    BadPlan(
        name: "notifications",
        text:
            "notify:\n  on: [failed, fialed]\n  command: [tell, '{title}', '{worktree}', -c, '{text}']\n  loud: true\nworkers: [{id: a}]\n",
        expected: [
            "E2 notify.on: 'fialed' is not allowed", "E3 notify.command: {worktree} has no meaning",
            "E3 notify.command: After '-c' only {script}", "W4 notify.loud: is unknown",
        ]),
    BadPlan(
        name: "how agents go on",
        text:
            "agents:\n  claude:\n    resume: [claude, --continue]\n    take_over: claude\n    prompt: argument\n    output: cluade\n    rate_limit_wait: long\nworkers: [{id: a, agent: claude}]\n",
        expected: [
            "E3 agents.claude.resume: {session}", "E4 agents.claude.take_over: list of arguments", "E5 agents.claude.prompt: stdin, file",
            "E6 agents.claude.output: Did you mean 'claude'?", "E7 agents.claude.rate_limit_wait: 'long' is no duration",
        ]),
    BadPlan(
        name: "a sparse worktree of nothing", text: "workers:\n  - id: a\n    sparse: true\n",
        expected: ["E3 workers[0].sparse: needs 'paths'"]),
    BadPlan(
        name: "paths that lead nowhere", text: "workers:\n  - id: a\n    paths: [../x, /abs, '', src]\n",
        expected: [
            "W3 workers[0].paths: not checked yet", "E3 workers[0].paths: '../x' holds '..'", "E3 workers[0].paths: '/abs' lies outside",
            "E3 workers[0].paths: '' names nothing",
        ]),
    BadPlan(
        name: "stuck at once", text: "orchestration: {stuck_after: 0s}\nworkers: [{id: a}]\n",
        expected: ["E1 orchestration.stuck_after: every worker would be stuck"]),
    BadPlan(
        name: "a set-up as text", text: "workers:\n  - id: a\n    setup: {run: make, timeout: x}\n",
        expected: ["E3 workers[0].setup.run: such as [make, test].", "E3 workers[0].setup.timeout: 'x' is no duration"]),
    BadPlan(
        name: "nested beyond all reason", text: "workers: " + String(repeating: "[", count: 20000) + String(repeating: "]", count: 20000),
        expected: ["E1 : Lists and mappings are nested more than 64 deep."]),
    BadPlan(
        name: "everything at once",
        text: "project: {nme: x}\nworkers:\n  - {id: a, dependencies: [q], branch: 'a b', typo: 1}\n  - {id: b, typo: 2, agent: nobody}\n",
        expected: [
            "W1 project.nme: Did you mean 'name'?", "E3 workers[0].dependencies: 'q'", "E3 workers[0].branch: spaces",
            "W3 workers[0].typo: is unknown",
            "E4 workers[1].agent: No agent is called 'nobody'",
        ]),
]
