import CognitoTriggers
import JSON

/// A user pool, as far as it matters who is called, what tokens are like, and what attributes there are.
///
/// Source: Amazon Cognito user pools API reference, `UserPoolType`.
public struct PoolDescription: Sendable, Equatable {
  /// As people call it; nil where the answer does not tell.
  public var name: String?
  /// The functions that the pool calls, by their ARNs.
  public var triggers: [PoolTrigger: String] = [:]
  /// Which event token generation sends: `V1_0`, `V2_0`, `V3_0`. Nil where no function is called for tokens.
  public var tokenEventVersion: String?
  /// The feature plan: `LITE`, `ESSENTIALS` or `PLUS`. Nil where the answer does not tell.
  public var plan: String?
  /// The attributes that users may have, by their full names.
  public var attributes: [String: PoolAttribute] = [:]
  /// What it verifies when users sign up, with a code or a link: `AutoVerifiedAttributes`.
  public var verified: Set<ContactAttribute> = []
  /// Whether tokens name the newer issuer, `https://issuer-cognito-idp.…`.
  public var hasUpdatedIssuer = false

  /// No trigger, and nothing known.
  public init() {}
}

/// An attribute that a pool's users may have.
public struct PoolAttribute: Sendable, Equatable {
  /// Whether it can be changed once it is set.
  public var isMutable: Bool
  /// Its longest value, in characters; nil where the pool sets no limit.
  public var maxLength: Int?

  /// - Parameters: as the properties of the same names.
  public init(isMutable: Bool, maxLength: Int? = nil) {
    self.isMutable = isMutable
    self.maxLength = maxLength
  }
}

/// What a pool can call a function for. The raw value is its name in `LambdaConfig`.
public enum PoolTrigger: String, Sendable, CaseIterable {
  case preSignUp = "PreSignUp"
  case postConfirmation = "PostConfirmation"
  case preAuthentication = "PreAuthentication"
  case postAuthentication = "PostAuthentication"
  case preTokenGeneration = "PreTokenGeneration"
  case userMigration = "UserMigration"
  case customMessage = "CustomMessage"
  case customEmailSender = "CustomEmailSender"
  case customSMSSender = "CustomSMSSender"
  case defineAuthChallenge = "DefineAuthChallenge"
  case createAuthChallenge = "CreateAuthChallenge"
  case verifyAuthChallenge = "VerifyAuthChallengeResponse"
  case inboundFederation = "InboundFederation"
}

/// An app client, as far as it matters what its users may do.
///
/// Source: Amazon Cognito user pools API reference, `UserPoolClientType`.
public struct AppClient: Sendable, Equatable {
  public var id: String
  public var name: String
  /// Attributes that its users may write; nil where the answer lists none.
  public var writeAttributes: [String]?
  /// As `ALLOW_USER_SRP_AUTH`.
  public var authFlows: [String]
  /// Whether it is told apart from a wrong password that there is no such user.
  public var tellsWhoExists: Bool

  /// - Parameters: as the properties of the same names.
  public init(
    id: String, name: String, writeAttributes: [String]?, authFlows: [String], tellsWhoExists: Bool
  ) {
    self.id = id
    self.name = name
    self.writeAttributes = writeAttributes
    self.authFlows = authFlows
    self.tellsWhoExists = tellsWhoExists
  }
}

extension PoolDescription {
  /// - Parameter answer: the members of `UserPool`.
  init(_ answer: [JSONKey: JSONValue]) {
    let functions = answer["LambdaConfig"]?.object ?? [:]
    for trigger in PoolTrigger.allCases {
      // Those that came later have a version beside the ARN.
      let value = functions[JSONKey(trigger.rawValue)]
      guard let arn = value?.string ?? value?.object?["LambdaArn"]?.string, !arn.isEmpty
      else { continue }
      triggers[trigger] = arn
    }
    let tokens = functions["PreTokenGenerationConfig"]?.object
    if let arn = tokens?["LambdaArn"]?.string, !arn.isEmpty { triggers[.preTokenGeneration] = arn }
    if triggers[.preTokenGeneration] != nil {
      tokenEventVersion = tokens?["LambdaVersion"]?.string ?? "V1_0"
    }
    name = answer["Name"]?.string
    plan = answer["UserPoolTier"]?.string
    verified = Set(
      (answer["AutoVerifiedAttributes"]?.strings ?? []).compactMap {
        ContactAttribute(rawValue: $0)
      })
    hasUpdatedIssuer = answer["IssuerConfiguration"]?.object?["Type"]?.string == "UPDATED"
    guard case .array(let schema)? = answer["SchemaAttributes"] else { return }
    for attribute in schema {
      guard let attribute = attribute.object, let name = attribute["Name"]?.string else { continue }
      attributes[name] = PoolAttribute(
        isMutable: attribute["Mutable"] != .boolean(false),
        maxLength: attribute["StringAttributeConstraints"]?.object?["MaxLength"]?.string
          .flatMap { Int($0) })
    }
  }
}

extension AppClient {
  /// - Parameter answer: the members of `UserPoolClient`. Nil where it does not say which client it is.
  init?(_ answer: [JSONKey: JSONValue]) {
    guard let id = answer["ClientId"]?.string else { return nil }
    self.init(
      id: id, name: answer["ClientName"]?.string ?? id,
      writeAttributes: answer["WriteAttributes"]?.strings.flatMap { $0.isEmpty ? nil : $0 },
      authFlows: answer["ExplicitAuthFlows"]?.strings ?? [],
      tellsWhoExists: answer["PreventUserExistenceErrors"]?.string != "ENABLED")
  }
}
