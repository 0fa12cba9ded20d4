import Postgres

/// A call of the product's public SQL function: `cognito.sync_user`, or for a sign-in that is recorded
/// `cognito.sync_sign_in`, which takes one argument more and answers alike.
///
/// Running it twice is safe: the function then finds the user as it is, and answers `unchanged`; and it
/// knows the sign-in by its time.
struct SyncUserCall: StoreStatement {
  let sql: String
  let parameters: [String?]

  /// - Parameter wantsID: whether the row's id is asked for as well.
  init(_ user: SyncedUser, wantsID: Bool) {
    let common =
      [user.key.userPoolID, user.key.sub.description] + user.columns
      + [user.confirmedAt?.rfc3339, user.observedAt.rfc3339]
    if let signedInAt = user.signedInAt {
      sql = wantsID ? Self.signInWithID : Self.signIn
      parameters = common + [signedInAt.rfc3339]
    } else {
      sql = wantsID ? Self.syncWithID : Self.sync
      parameters = common
    }
  }

  // The server reads and plans these anew for every event. So: by position, since names would be a tenth of
  // its work; without casts, since the parameters take their types from the function; and a field of the
  // call where a row of FROM is not needed for a second one.
  private static let sync = "SELECT (cognito.sync_user(\(arguments))).outcome"
  private static let syncWithID = "SELECT outcome, id FROM cognito.sync_user(\(arguments))"
  private static let signIn = "SELECT (cognito.sync_sign_in(\(arguments), $13)).outcome"
  private static let signInWithID =
    "SELECT outcome, id FROM cognito.sync_sign_in(\(arguments), $13)"
  private static let arguments = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12"

  func answer(in result: QueryResult) throws(PostgresError) -> SyncResult {
    guard result.rowCount == 1, let text = result.text(row: 0, column: 0) else {
      throw .unexpectedAnswer("cognito.sync_user must return one row with an outcome")
    }
    return SyncResult(id: result.text(row: 0, column: 1), outcome: try Self.outcome(named: text))
  }

  private static func outcome(named text: String) throws(PostgresError) -> Outcome {
    switch Outcome(rawValue: text) {
    case .inserted: return .inserted
    case .updated: return .updated
    case .unchanged: return .unchanged
    case .stale: return .stale
    default:
      throw .unexpectedAnswer(
        "the outcome of cognito.sync_user must be inserted, updated, unchanged or stale")
    }
  }
}

extension SyncedUser {
  /// What the table's columns from `username` to `identities` are to hold, in PostgreSQL's text format.
  public var columns: [String?] {
    [
      userName,
      attributes.email,
      attributes.isEmailVerified.map(text),
      attributes.phoneNumber,
      attributes.isPhoneNumberVerified.map(text),
      attributes.status,
      attributes.othersJSON,
      attributes.identitiesJSON,
    ]
  }

  private func text(_ boolean: Bool) -> String { boolean ? "true" : "false" }
}

/// What `cognito.sync_user` answers.
struct SyncResult: Sendable, Equatable {
  /// The user's id in the database; nil where it was not asked for, or a team's own function gives none.
  var id: String?
  var outcome: Outcome
}
