extension WorkerRecord {
    /// What a worker did and said, which one that is added under its name after it was taken out of the plan does not begin with.
    ///
    /// It is kept by the entry that took the worker out, so that undoing that brings it back.
    struct Life: Hashable, Sendable {
        fileprivate var attempts = Attempts()
        fileprivate var tokens = TokenLog()
        fileprivate var tasks = TaskLog()
        fileprivate var questions: [Question] = []
        fileprivate var declaration: Declaration?
        fileprivate var surrender: String?
        fileprivate var approved = false
        fileprivate var startedAt: Timestamp?
        fileprivate var endedAt: Timestamp?
        fileprivate var activeMilliseconds: Int64 = 0
        fileprivate var lastProgress: Progress?
    }

    mutating func leave(at sequence: Int64) {
        isWithdrawn = true
        lives[sequence] = life
    }

    /// Whoever has begun again meanwhile, before the entry that says so, goes on.
    mutating func beginAnew() {
        if isWithdrawn, [.pending, .ready].contains(state), attempts.running == nil {
            tokensBefore += tokens.used ?? 0
            var next = Life()
            next.attempts = attempts.followed
            life = next
        }
        isWithdrawn = false
    }

    /// `sequence`: the entry that is undone.
    mutating func comeBack(from sequence: Int64) {
        isWithdrawn = false
        guard attempts.running == nil, var old = lives[sequence] else { return }
        old.attempts.passOver(attempts.count)
        // Of the two, what it comes back with is counted as its own.
        tokensBefore += (tokens.used ?? 0) - (old.tokens.used ?? 0)
        life = old
    }

    /// What was used by all that had its name; nil where nobody reported any.
    var tokensOfAllLives: Int64? { tokensBefore > 0 ? tokensBefore + (tokens.used ?? 0) : tokens.used }

    private var life: Life {
        get {
            Life(
                attempts: attempts, tokens: tokens, tasks: tasks, questions: questions, declaration: declaration, surrender: surrender,
                approved: approved, startedAt: startedAt, endedAt: endedAt, activeMilliseconds: activeMilliseconds,
                lastProgress: lastProgress)
        }
        set {
            (attempts, tokens, tasks, questions) = (newValue.attempts, newValue.tokens, newValue.tasks, newValue.questions)
            (declaration, surrender, approved) = (newValue.declaration, newValue.surrender, newValue.approved)
            (startedAt, endedAt, activeMilliseconds) = (newValue.startedAt, newValue.endedAt, newValue.activeMilliseconds)
            lastProgress = newValue.lastProgress
        }
    }
}
