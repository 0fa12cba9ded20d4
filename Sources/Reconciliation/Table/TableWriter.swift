import Clock
import CognitoAPI
import CognitoTriggers
import Postgres
import UserTable

/// What became of a batch.
struct BatchResult {
  var differences: [Difference] = []
  var refused: [RefusedUser] = []
}

/// Brings batches into the table, one after another; while the server works on one, there is time to
/// read the next.
final class TableWriter {
  /// A rival's write shows at the next attempt. After so many encounters it is no rival: a trigger on the table may
  /// leave a row out without an error.
  private static let encounterLimit = 10

  private let pool: UserPoolID
  private let connection: TableConnection
  private let settle: Duration
  private let isDryRun: Bool
  private let withValues: Bool
  private var sent: (call: SyncUsersCall, result: Result<Connection, PostgresError>)?

  init(
    pool: UserPoolID, connection: TableConnection, settle: Duration, isDryRun: Bool,
    withValues: Bool
  ) {
    self.pool = pool
    self.connection = connection
    self.settle = settle
    self.isDryRun = isDryRun
    self.withValues = withValues
  }

  /// Writes the statement for a batch, which takes a while: it can be done while the server is at work.
  func prepare(_ batch: UserBatch) -> SyncUsersCall {
    SyncUsersCall(
      batch, ofPool: pool.text, settle: settle, isDryRun: isDryRun, withValues: withValues)
  }

  /// Sends a batch. `finish` must follow before anything else is done with the connection.
  func start(_ call: SyncUsersCall) {
    sent = (
      call,
      Result { () throws(PostgresError) in
        let connection = try connection.connection()
        try connection.send(call.sql, call.parameters, until: .after(TableConnection.timeout))
        return connection
      }
    )
  }

  /// - Returns: what became of the batch that was sent; nothing where none was.
  func finish() throws(ReconciliationError) -> BatchResult {
    guard let (call, result) = sent else { return BatchResult() }
    sent = nil
    let answer = Result { () throws(PostgresError) in
      try call.answer(in: result.get().answer(until: .after(TableConnection.timeout)))
    }
    return try settle(call.batch, answer)
  }

  /// Tries on until every user of the batch is dealt with.
  private func settle(
    _ batch: UserBatch, _ first: Result<[Difference], PostgresError>? = nil
  ) throws(ReconciliationError) -> BatchResult {
    var (rest, answer) = (batch, first)
    var settled = BatchResult()
    var patience = connection.patience()
    var encounters = 0
    while true {
      let attempt = answer ?? write(rest)
      answer = nil
      switch attempt {
      case .success(let differences):
        settled.differences += differences.filter { $0.outcome != .rival }
        let rivals = differences.filter { $0.outcome == .rival }
        if rivals.isEmpty { return settled }
        encounters += 1
        guard encounters < Self.encounterLimit else {
          settled.refused += rivals.map {
            RefusedUser(
              sub: $0.sub, reason: "the row was not written, time and again (by a trigger's will?)")
          }
          return settled
        }
        rest = rest.part(rivals.map(\.position))
      case .failure(let error):
        switch BatchRecovery(after: error) {
        case .again:
          try connection.waitAfter(error, with: &patience)
        case .split where rest.rows.count > 1:
          let middle = rest.rows.count / 2
          for half in [rest.part(0..<middle), rest.part(middle..<rest.rows.count)] {
            let result = try settle(half)
            settled.differences += result.differences
            settled.refused += result.refused
          }
          return settled
        case .split:
          settled.refused += rest.rows.map {
            RefusedUser(sub: $0.sub, reason: error.description)
          }
          return settled
        // The connection's own judgement: it knows of more than a batch's errors.
        case .giveUp:
          try connection.waitAfter(error, with: &patience)
        }
      }
    }
  }

  private func write(_ batch: UserBatch) -> Result<[Difference], PostgresError> {
    Result { () throws(PostgresError) in
      try connection.connection().run(prepare(batch), until: .after(TableConnection.timeout))
    }
  }
}

/// What to do about a batch that PostgreSQL did not take.
enum BatchRecovery: Equatable {
  /// It may pass by itself.
  case again
  /// One of the users is to blame: find it.
  case split
  case giveUp

  init(after error: PostgresError) {
    if error.mayPass {
      self = .again
    } else if case .statementFailed(let error) = error {
      switch error.state.errorClass {
      // A value, a constraint, a limit, or what a trigger of somebody's raises.
      case "22", "23", "54", "P0": self = .split
      default: self = .giveUp
      }
    } else {
      self = .giveUp
    }
  }
}

/// A user that PostgreSQL refuses to hold.
public struct RefusedUser: Sendable, Equatable, CustomStringConvertible {
  /// Who it is.
  public var sub: Sub
  /// As `PostgresError` says it, which names no value.
  public var reason: String

  public var description: String { "\(sub): \(reason)" }
}
