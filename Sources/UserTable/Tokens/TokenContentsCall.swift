import CognitoTriggers
import JSON
import Postgres

/// For whom a token is being made, and what it is to carry of the database's.
public struct TokenRequest: Sendable, Equatable {
  /// Whom a token is for.
  public enum Subject: Sendable, Equatable {
    case user(UserKey)
    /// A client's own credentials, with no user behind them.
    case client(userPoolID: String)
  }

  public var subject: Subject
  /// The app client that asks for it; nil where the event names none.
  public var clientID: String?
  /// As the event names it.
  public var triggerSource: String
  /// Whether the roles are asked for.
  public var wantsRoles: Bool
  /// Whether the claims are asked for.
  public var wantsClaims: Bool

  /// - Parameters: as the properties of the same names.
  public init(
    for subject: Subject, clientID: String?, triggerSource: String, wantsRoles: Bool,
    wantsClaims: Bool
  ) {
    self.subject = subject
    self.clientID = clientID
    self.triggerSource = triggerSource
    self.wantsRoles = wantsRoles
    self.wantsClaims = wantsClaims
  }

  /// The last arguments of the functions: what is known of the token beside its user.
  fileprivate var wishes: [String?] {
    [clientID, triggerSource, wantsRoles ? "true" : "false", wantsClaims ? "true" : "false"]
  }
}

/// What the database has for a token.
public struct TokenContents: Sendable, Equatable {
  /// The names of the user's roles; nil where they were not asked for, or there is no such user.
  public var roles: [String]?
  /// Nil where they were not asked for, or there is no such user.
  public var claims: TokenClaims?

  /// Whether all is there that was asked for: where something is not, there is no such user.
  public func isComplete(for request: TokenRequest) -> Bool {
    (roles != nil || !request.wantsRoles) && (claims != nil || !request.wantsClaims)
  }

  /// The columns that `init` reads.
  fileprivate static let columns = "array_to_json(roles), claims, reserved"

  /// - Parameter column: of the roles in the first row; the claims and a reserved name follow.
  fileprivate init(_ result: QueryResult, column: Int) throws(PostgresError) {
    roles = try Self.roles(result.text(row: 0, column: column))
    if let reserved = result.text(row: 0, column: column + 2) {
      throw .unexpectedAnswer(
        "cognito.claims_for_token answered with the claim \(TokenClaims.loggable(reserved)), which Cognito "
          + "lets nobody set or suppress")
    }
    if let text = result.text(row: 0, column: column + 1) {
      do {
        claims = try TokenClaims(text)
      } catch {
        throw .unexpectedAnswer("cognito.claims_for_token: \(error)")
      }
    }
  }

  /// - Parameter text: a JSON array, since an array in PostgreSQL's own text form has rules of its own.
  static func roles(_ text: String?) throws(PostgresError) -> [String]? {
    guard let text else { return nil }
    guard let names = (try? JSONValue(parsing: Array(text.utf8)))?.strings else {
      throw .unexpectedAnswer(
        "cognito.roles_for_token must return an array of names, none of them NULL")
    }
    return names
  }
}

/// A call of `cognito.contents_for_token`, and by it of the functions that a team replaces: `cognito.roles_for_token`
/// and `cognito.claims_for_token`.
public struct TokenContentsCall: TableStatement {
  public let sql = """
    SELECT \(TokenContents.columns) \
    FROM cognito.contents_for_token($1::text, $2::uuid, $3::text, $4::text, $5::boolean, $6::boolean)
    """
  public let parameters: [String?]

  public init(_ request: TokenRequest) {
    let subject: [String?] =
      switch request.subject {
      case .user(let user): [user.userPoolID, user.sub.description]
      case .client(let userPoolID): [userPoolID, nil]
      }
    parameters = subject + request.wishes
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> TokenContents {
    guard result.rowCount == 1 else {
      throw .unexpectedAnswer("cognito.contents_for_token must return one record")
    }
    return try TokenContents(result, column: 0)
  }
}

/// A call of `cognito.sync_user_for_token`: writes the user, and reads what the token is to carry, in one round trip.
public struct SyncUserForTokenCall: TableStatement {
  public let sql = Self.statement
  public let parameters: [String?]

  /// - Parameter request: whose subject is the user.
  public init(_ user: SyncedUser, _ request: TokenRequest) {
    parameters = user.arguments + request.wishes
  }

  private static let statement = """
    SELECT id, outcome, \(TokenContents.columns) \
    FROM cognito.sync_user_for_token(\(SyncUserCall.placeholders), $18, $19, $20, $21)
    """

  /// - Returns: what became of the row, and what the token is to carry.
  public func answer(
    in result: QueryResult
  ) throws(PostgresError) -> (row: SyncResult, contents: TokenContents) {
    guard result.rowCount == 1, let outcome = result.text(row: 0, column: 1) else {
      throw .unexpectedAnswer("cognito.sync_user_for_token must return one record")
    }
    let row = SyncResult(
      id: result.text(row: 0, column: 0), outcome: try SyncUserCall.outcome(named: outcome))
    return (row, try TokenContents(result, column: 2))
  }
}
