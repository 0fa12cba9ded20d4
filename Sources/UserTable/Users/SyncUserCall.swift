import Postgres

/// A call of the product's public SQL function, `cognito.sync_user`.
///
/// Running it twice is safe: the function then finds the user as it is, and answers `unchanged`; and it
/// knows the sign-in by the request's id.
public struct SyncUserCall: TableStatement {
  public let sql = Self.statement
  public let parameters: [String?]

  /// - Parameter user: as the event shows it.
  public init(_ user: SyncedUser) { parameters = user.arguments }

  // The server reads and plans the statement anew for every event, so it is as plain as can be: arguments by
  // position, without casts, since they take their types from the function, and its record as one value.
  // With names, casts and columns the server's whole work was a quarter more.
  private static let statement = "SELECT cognito.sync_user(\(placeholders))"

  /// For `SyncedUser.arguments`.
  static let placeholders =
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17"

  /// - Returns: the user's id, and what became of its row.
  public func answer(in result: QueryResult) throws(PostgresError) -> SyncResult {
    // As `(ID,OUTCOME)`: neither is ever quoted. Where the function gives no id, nothing is before the comma.
    guard result.rowCount == 1, let record = result.text(row: 0, column: 0)?.utf8,
      record.first == UInt8(ascii: "("), record.last == UInt8(ascii: ")"),
      let comma = record.firstIndex(of: UInt8(ascii: ","))
    else {
      throw .unexpectedAnswer("cognito.sync_user must return one record of an id and an outcome")
    }
    let id = record[..<comma].dropFirst()
    let outcome = record[comma...].dropFirst().dropLast()
    return SyncResult(
      id: id.isEmpty ? nil : String(Substring(id)),
      outcome: try Self.outcome(named: String(Substring(outcome))))
  }

  static func outcome(named text: String) throws(PostgresError) -> SyncOutcome {
    guard let outcome = SyncOutcome(rawValue: text) else {
      throw .unexpectedAnswer(
        "the outcome of cognito.sync_user must be inserted, updated, unchanged or stale")
    }
    return outcome
  }
}

extension SyncedUser {
  /// What `cognito.sync_user` is given, by position.
  var arguments: [String?] {
    [key.userPoolID, key.sub.description] + columns
      + [
        clientMetadata, signUpClientID, confirmedAt?.rfc3339, signIn?.time.rfc3339,
        observedAt.rfc3339, signIn?.requestID,
      ]
  }

  /// What the table's columns from `username` to `identities` are to hold, in PostgreSQL's text format.
  public var columns: [String?] {
    [
      userName,
      attributes.email,
      attributes.isEmailVerified.map(text),
      attributes.phoneNumber,
      attributes.isPhoneNumberVerified.map(text),
      attributes.status,
      isEnabled.map(text),
      attributes.othersJSON,
      attributes.identitiesJSON,
    ]
  }

  private func text(_ boolean: Bool) -> String { boolean ? "true" : "false" }
}

/// What `cognito.sync_user` answers.
public struct SyncResult: Sendable, Equatable {
  /// The user's id in the database; nil where a team's own function gives none.
  public var id: String?
  /// What became of the user's row.
  public var outcome: SyncOutcome
}

/// What became of a user's row.
public enum SyncOutcome: String, Sendable {
  /// It was not there.
  case inserted
  /// Something differed, and was changed.
  case updated
  /// Nothing differed, and nothing was written.
  case unchanged
  /// It holds a newer observation, and was left alone.
  case stale
}
