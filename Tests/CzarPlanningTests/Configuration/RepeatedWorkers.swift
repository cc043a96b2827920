import CzarPlanning

/// Plans in which a worker stands twice, by its name or by an alias.
let repeatedWorkers: [BadPlan] = [
    BadPlan(
        name: "what a repeated worker says is checked too",
        text: """
            workers:
              - {id: a, command: [x]}
              - {id: A, agent: nobody, dependencies: [A, gone], merges: [missing]}
              - {id: b, dependencies: [A]}

            """,
        expected: [
            "E3 workers[1].id: already the id of the worker on line 2", "E3 workers[1].agent: No agent is called 'nobody'",
            "E3 workers[1].dependencies: No worker is called 'gone'", "E3 workers[1].merges: No worker is called 'missing'",
        ]),
    BadPlan(
        name: "workers that aliases repeat are named where the aliases stand",
        text: """
            defaults: &w
              id: a
              command: [x]
            workers:
              - *w
              - id: b # like *w
                description: |
                  it says
                  *w
              -
                *w
              - {id: c, dependencies: [c]}

            """,
        expected: [
            "W1 defaults: is unknown", "E11 workers[2].id: already the id of the worker on line 5",
            "E12 workers[3].dependencies: cannot depend on itself",
        ]),
    BadPlan(
        name: "two workers with one branch from an anchor",
        text: """
            x: &b {command: [x], branch: feat/x}
            workers:
              a: *b
              c: *b
              d:
                <<: *b
                role: docs

            """,
        expected: [
            "W1 x: is unknown", "E4 workers.c.branch: 'a' and 'c' have the same branch",
            "E6 workers.d.branch: 'a' and 'd' have the same branch",
        ]),
    BadPlan(
        name: "a JSON fault ends the reading and says so", format: .json,
        text: "{\"project\": {\"name\": \"a\",\n \"name\": \"b\"},\n\"workers\": [{\"id\": 1 \"role\": \"x\"}]}",
        expected: ["E2 project.name: stands twice", "E3 : is missing here. Reading ended there: nothing else in this file was checked."]),
]
