import CognitoTriggers
import Postgres

/// Somebody who wants to sign up, as the event shows them.
public struct SignUpRequest: Sendable, Equatable {
  /// nil where the event does not say it. So below.
  public var userPoolID: String?
  /// As the event names it.
  public var triggerSource: String
  public var clientID: String?
  public var userName: String?
  /// All that are shown.
  public var attributes: UserAttributes
  /// What the client sent along, JSON.
  public var validationData: String?
  /// As `validationData`.
  public var clientMetadata: String?

  public init(_ event: TriggerEvent, _ details: SignUpEvent) {
    userPoolID = event.userPoolID
    triggerSource = event.sourceName
    clientID = event.clientID
    userName = event.userName
    attributes = event.attributes
    validationData = details.validationData
    clientMetadata = details.clientMetadata
  }
}

/// What the database says of a sign-up.
public struct SignUpDecision: Sendable, Equatable {
  public var isAllowed: Bool
  /// Whether the user is confirmed at once.
  public var confirms: Bool
  /// For the log, once it is seen to be fit for it; nil where none is given.
  public var reason: String?
}

/// A call of the function that a team replaces, `cognito.decide_sign_up`.
public struct DecideSignUpCall: TableStatement {
  public let sql = """
    SELECT allowed, confirm, reason \
    FROM cognito.decide_sign_up($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::jsonb, $8::jsonb, \
    $9::jsonb)
    """
  public let parameters: [String?]

  public init(_ request: SignUpRequest) {
    parameters = [
      request.userPoolID, request.triggerSource, request.clientID, request.userName,
      request.attributes.text(of: "email"), request.attributes.phoneNumber,
      request.attributes.allJSON, request.validationData, request.clientMetadata,
    ]
  }

  public func answer(in result: QueryResult) throws(PostgresError) -> SignUpDecision {
    guard result.rowCount == 1 else {
      throw .unexpectedAnswer("cognito.decide_sign_up must return one record")
    }
    return SignUpDecision(
      isAllowed: result.text(row: 0, column: 0) == "t",
      confirms: result.text(row: 0, column: 1) == "t",
      reason: result.text(row: 0, column: 2))
  }
}
