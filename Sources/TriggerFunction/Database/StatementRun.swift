import Clock
import Postgres
import UserTable

/// What running a statement gave, and what it cost, also where it failed.
struct StatementRun<Answer> {
  var answer: Result<Answer, PostgresError>
  var times: PhaseTimes
}

/// Several statements of one action, one after the other; what they cost adds up.
struct StatementSeries {
  let store: UserStore
  let deadline: Deadline
  private(set) var times = PhaseTimes()

  init(store: UserStore, deadline: Deadline) {
    self.store = store
    self.deadline = deadline
  }

  mutating func answer<Statement: TableStatement>(
    to statement: Statement
  ) throws(ActionFailure) -> Statement.Answer {
    let run = store.run(statement, until: deadline)
    times = times + run.times
    do { return try run.answer.get() } catch { throw .database(error) }
  }
}

/// What a statement cost, by phase; all attempts together.
struct PhaseTimes: Sendable, Equatable {
  var attempts = 0
  var connect = Duration.zero
  var query = Duration.zero

  static func + (left: PhaseTimes, right: PhaseTimes) -> PhaseTimes {
    PhaseTimes(
      attempts: left.attempts + right.attempts, connect: left.connect + right.connect,
      query: left.query + right.query)
  }
}
