import Postgres

/// A call of the product's public SQL function: `cognito.sync_user`, or for a sign-in that is recorded
/// `cognito.sync_sign_in`, which takes one argument more and answers alike.
///
/// Running it twice is safe: the function then finds the user as it is, and answers `unchanged`; and it
/// knows the sign-in by its time.
struct SyncUserCall: StoreStatement {
  let sql: String
  let parameters: [String?]

  init(_ user: SyncedUser) {
    let attributes = user.attributes
    let common: [String?] = [
      user.key.userPoolID,
      user.key.sub.description,
      user.userName,
      attributes.email,
      attributes.isEmailVerified.map(Self.text),
      attributes.phoneNumber,
      attributes.isPhoneNumberVerified.map(Self.text),
      attributes.status,
      attributes.othersJSON,
      attributes.identitiesJSON,
      user.confirmedAt?.rfc3339,
      user.observedAt.rfc3339,
    ]
    if let signedInAt = user.signedInAt {
      sql = Self.syncSignIn
      parameters = common + [signedInAt.rfc3339]
    } else {
      sql = Self.syncUser
      parameters = common
    }
  }

  static let syncUser = "SELECT id, outcome FROM cognito.sync_user(\(arguments))"
  static let syncSignIn =
    "SELECT id, outcome FROM cognito.sync_sign_in(\(arguments), signed_in_at => $13::timestamptz)"

  /// Named: a team that replaces the function may order its own as it likes.
  private static let arguments = """
    user_pool_id => $1::text, sub => $2::uuid, username => $3::text, \
    email => $4::text, email_verified => $5::boolean, \
    phone_number => $6::text, phone_number_verified => $7::boolean, \
    status => $8::text, attributes => $9::jsonb, identities => $10::jsonb, \
    confirmed_at => $11::timestamptz, observed_at => $12::timestamptz
    """

  func answer(in result: QueryResult) throws(PostgresError) -> SyncResult {
    guard result.rowCount == 1, let text = result.text(row: 0, column: 1) else {
      throw .unexpectedAnswer("cognito.sync_user must return one row with an outcome")
    }
    return SyncResult(id: result.text(row: 0, column: 0), outcome: try Self.outcome(named: text))
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

  private static func text(_ boolean: Bool) -> String { boolean ? "true" : "false" }
}

/// What `cognito.sync_user` answers.
struct SyncResult: Sendable, Equatable {
  /// The user's id in the database; nil where a team's own function gives none.
  var id: String?
  var outcome: Outcome
}
