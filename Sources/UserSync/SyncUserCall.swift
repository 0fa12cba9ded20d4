import Postgres

/// The one statement that the handler sends: a call of the product's public SQL function.
enum SyncUserCall {
  /// Named arguments: a team that replaces the function may order its own as it likes.
  static let statement = """
    SELECT outcome FROM cognito.sync_user(\
    user_pool_id => $1::text, sub => $2::uuid, username => $3::text, \
    email => $4::text, email_verified => $5::boolean, \
    phone_number => $6::text, phone_number_verified => $7::boolean, \
    status => $8::text, attributes => $9::jsonb, identities => $10::jsonb, \
    confirmed_at => $11::timestamptz, observed_at => $12::timestamptz)
    """

  static func parameters(for user: SyncedUser) -> [String?] {
    [user.userPoolID, user.sub.description] + user.columns
      + [user.confirmedAt?.rfc3339, user.observedAt.rfc3339]
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
