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
    let call: String
    if let signedInAt = user.signedInAt {
      call = "cognito.sync_sign_in(\(Self.arguments), signed_in_at => $13)"
      parameters = common + [signedInAt.rfc3339]
    } else {
      call = "cognito.sync_user(\(Self.arguments))"
      parameters = common
    }
    // A row of FROM is work that the server does anew for every event, and a field of the call is not; but
    // of two fields each would be a call.
    sql = wantsID ? "SELECT outcome, id FROM \(call)" : "SELECT (\(call)).outcome"
  }

  /// Named: a team that replaces the function may order its own as it likes. Without casts, which would
  /// be work as well: the parameters take their types from the function.
  private static let arguments = """
    user_pool_id => $1, sub => $2, username => $3, email => $4, email_verified => $5, \
    phone_number => $6, phone_number_verified => $7, status => $8, \
    attributes => $9, identities => $10, confirmed_at => $11, observed_at => $12
    """

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
