import Postgres

/// What running a statement gave, and what it cost, also where it failed.
struct StatementRun<Answer> {
  var answer: Result<Answer, PostgresError>
  var times: PhaseTimes
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
