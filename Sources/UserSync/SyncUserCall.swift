import Postgres

/// The one statement that the handler sends: a call of the product's public SQL function.
enum SyncUserCall {
  /// Named arguments: a team that replaces the function may order its own as it likes.
  ///
  /// No casts, since the parameters take their types from the function, and a field of the call instead
  /// of a row of FROM: each is work that the server would do anew for every event.
  static let statement = """
    SELECT (cognito.sync_user(\
    user_pool_id => $1, sub => $2, username => $3, email => $4, email_verified => $5, \
    phone_number => $6, phone_number_verified => $7, status => $8, \
    attributes => $9, identities => $10, confirmed_at => $11, observed_at => $12)).outcome
    """

  static func parameters(for user: SyncedUser) -> [String?] {
    let attributes = user.attributes
    return [
      user.userPoolID,
      user.sub.description,
      user.userName,
      attributes.email,
      attributes.isEmailVerified.map(text),
      attributes.phoneNumber,
      attributes.isPhoneNumberVerified.map(text),
      attributes.status,
      attributes.othersJSON,
      attributes.identitiesJSON,
      user.confirmedAt?.rfc3339,
      user.observedAt.rfc3339,
    ]
  }

  static func outcome(of result: QueryResult) throws(PostgresError) -> Outcome {
    guard result.rowCount == 1, let text = result.text(row: 0, column: 0) else {
      throw .unexpectedAnswer("cognito.sync_user must return one row with an outcome")
    }
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

  private static func text(_ boolean: Bool) -> String { boolean ? "true" : "false" }
}
