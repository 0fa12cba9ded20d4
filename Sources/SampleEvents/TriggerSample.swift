import CognitoTriggers
import JSON

/// The members that every trigger event has.
///
/// Source: Amazon Cognito Developer Guide, "Customizing user pool workflows with Lambda triggers", and its section on
/// each trigger.
public struct TriggerEnvelope: Sendable {
  public var version = "1"
  public var region: String
  public var userPoolID: String
  /// Nil where the event has no user.
  public var userName: String?
  public var clientID: String
  public var source: String

  public init(
    source: String, userPoolID: String, region: String, userName: String?, clientID: String
  ) {
    self.source = source
    self.userPoolID = userPoolID
    self.region = region
    self.userName = userName
    self.clientID = clientID
  }

  /// - Parameters:
  ///   - request: what the trigger is told, JSON.
  ///   - response: what it may answer, JSON; nil where it may answer nothing.
  /// - Returns: the event in UTF-8.
  public func event(request: String, response: String?) -> [UInt8] {
    var json = JSONWriter()
    write(to: &json, request: { $0.raw(request) }, response: response)
    return json.finished()
  }

  func write(
    to json: inout JSONWriter, request: (inout JSONWriter) -> Void, response: String?
  ) {
    json.object { json in
      json.member("version", version)
      json.member("region", region)
      json.member("userPoolId", userPoolID)
      json.member("userName", userName)
      json.key("callerContext")
      json.object { json in
        json.member("awsSdkVersion", "aws-sdk-unknown-unknown")
        json.member("clientId", clientID)
      }
      json.member("triggerSource", source)
      json.key("request")
      request(&json)
      guard let response else { return }
      json.key("response")
      json.raw(response)
    }
  }
}

/// An event of a trigger.
struct TriggerSample {
  let source: TriggerSource
  let options: SampleOptions
  let user: SampleUser

  func write(to json: inout JSONWriter) {
    var envelope = TriggerEnvelope(
      source: source.rawValue, userPoolID: options.effectivePool, region: options.effectiveRegion,
      userName: userName, clientID: clientID)
    envelope.version = source.trigger == .tokenGeneration ? tokenVersion.rawValue : "1"
    envelope.write(to: &json, request: { $0.object(request) }, response: response)
  }

  private var userName: String? {
    switch source {
    case .tokenClientCredentials: nil
    // What somebody has typed in.
    case .userMigration, .userMigrationForgotPassword: options.userName ?? user.email
    case .preSignUpExternalProvider, .inboundFederation:
      options.userName ?? "\(provider)_\(user.subject)"
    default: user.userName
    }
  }

  private var provider: String { options.provider ?? "Google" }

  private var clientID: String {
    let isByAdministrator =
      source == .preSignUpAdminCreateUser || source == .customMessageAdminCreateUser
    return isByAdministrator && options.clientID == nil
      ? "CLIENT_ID_NOT_APPLICABLE" : options.effectiveClientID
  }

  private var tokenVersion: SampleOptions.TokenVersion {
    options.tokenVersion ?? (source == .tokenClientCredentials ? .three : .one)
  }

  private func request(_ json: inout JSONWriter) {
    switch source.trigger {
    case .preSignUp:
      attributes(&json)
      if source == .preSignUpExternalProvider {
        json.member("validationData", options.validationData.text ?? JSONText("{}"))
      } else {
        json.nullable("validationData", options.validationData.text)
        clientMetadata(&json)
      }
    case .postConfirmation:
      attributes(&json)
      clientMetadata(&json)
    case .preAuthentication:
      attributes(&json)
      json.nullable("validationData", options.validationData.text)
      json.member("userNotFound", false)
    case .postAuthentication:
      attributes(&json)
      json.member("newDeviceUsed", false)
      clientMetadata(&json)
    case .tokenGeneration: token(&json)
    case .userMigration:
      if source == .userMigration { json.member("password", "Invented-Passw0rd-never-log-me!") }
      json.nullable("validationData", options.validationData.text)
      clientMetadata(&json)
    case .customMessage:
      attributes(&json)
      json.member("codeParameter", "{####}")
      json.member("linkParameter", "{##Click Here##}")
      json.nullable(
        "usernameParameter", source == .customMessageAdminCreateUser ? "{username}" : nil)
      clientMetadata(&json)
    case .defineAuthChallenge:
      attributes(&json)
      session(&json)
    case .createAuthChallenge:
      attributes(&json)
      json.member("challengeName", "CUSTOM_CHALLENGE")
      session(&json)
    case .verifyAuthChallengeResponse:
      attributes(&json)
      json.member("privateChallengeParameters", JSONText(#"{"answer":"271828"}"#))
      json.member("challengeAnswer", "271828")
      json.member("userNotFound", false)
      clientMetadata(&json)
    case .customEmailSender:
      if source == .customEmailSenderAccountTakeOver {
        json.member("type", "customEmailSenderRequestV1")
        json.member("code", JSONValue.null)
        json.member("clientMetadata", JSONValue.null)
        json.key("userAttributes")
        strangeSignIn(&json)
      } else {
        message(&json, type: "customEmailSenderRequestV1")
      }
    case .customSMSSender: message(&json, type: "customSMSSenderRequestV1")
    case .inboundFederation: federation(&json)
    }
  }

  private func token(_ json: inout JSONWriter) {
    let isForClient = source == .tokenClientCredentials
    if isForClient { json.member("userAttributes", JSONText("{}")) } else { attributes(&json) }
    groupConfiguration(&json)
    if tokenVersion != .one || isForClient {
      let scope = isForClient ? "orders/read" : "aws.cognito.signin.user.admin"
      json.member("scopes", options.scopes.isEmpty ? [scope] : options.scopes)
    }
    clientMetadata(&json)
  }

  private func attributes(_ json: inout JSONWriter) {
    json.member(
      "userAttributes", SampleAttributes(of: user, at: SampleMoment(source), options))
  }

  /// Left out where a client has sent none.
  private func clientMetadata(_ json: inout JSONWriter) {
    json.member("clientMetadata", options.clientMetadata.text)
  }

  private func groupConfiguration(_ json: inout JSONWriter) {
    json.key("groupConfiguration")
    json.object { json in
      json.member("groupsToOverride", options.groups)
      json.member("iamRolesToOverride", [String]())
      json.member("preferredRole", JSONValue.null)
    }
  }

  private func session(_ json: inout JSONWriter) {
    json.key("session")
    json.array { json in
      for name in ["SRP_A", "PASSWORD_VERIFIER"] {
        json.object { json in
          json.member("challengeName", name)
          json.member("challengeResult", true)
          json.member("challengeMetadata", JSONValue.null)
        }
      }
    }
    json.member("userNotFound", false)
    clientMetadata(&json)
  }

  private func message(_ json: inout JSONWriter, type: String) {
    json.member("type", type)
    // Base64, as what KMS encrypts is.
    json.member("code", "AYADeGFuIGludmVudGVkIGNpcGhlcnRleHQ=")
    json.nullable("clientMetadata", options.clientMetadata.text)
    attributes(&json)
  }

  private func strangeSignIn(_ json: inout JSONWriter) {
    json.object { json in
      for (name, value) in [
        ("EVENT_ID", SampleUser.uuid(user.number)), ("USER_NAME", user.userName),
        ("LOGIN_TIME", "Friday, March 15, 2024 02:25 PM UTC"), ("IP_ADDRESS", "203.0.113.7"),
        ("CITY", "Berlin"), ("COUNTRY", "Germany"), ("DEVICE_NAME", "Firefox 123, Linux"),
        ("ACCOUNT_TAKE_OVER_ACTION", "NO_ACTION"), ("FEEDBACK_TOKEN", "invented-feedback-token"),
        ("ONE_CLICK_LINK_VALID", "https://auth.example.com/feedback?valid=1"),
        ("ONE_CLICK_LINK_INVALID", "https://auth.example.com/feedback?valid=0"),
      ] { json.member(name, value) }
    }
  }

  private func federation(_ json: inout JSONWriter) {
    json.member("providerName", provider)
    json.member("providerType", SampleAttributes.providerType(provider))
    json.key("attributes")
    json.object { json in
      json.key("tokenResponse")
      json.object { json in
        json.member("access_token", "invented-access-token")
        json.member("id_token", "invented-id-token")
        json.member("token_type", "Bearer")
        json.member("expires_in", "3599")
        json.member("scope", "openid email profile")
      }
      json.key("idToken")
      json.object { json in
        json.member("iss", "https://idp.example.com")
        json.member("sub", user.subject)
        json.member("aud", "invented-client.example.com")
        json.member("email", user.email)
        json.member("email_verified", "true")
        json.member("iat", "1718000000")
        json.member("exp", "1718003600")
      }
      json.key("userInfo")
      json.object { json in
        json.member("sub", user.subject)
        json.member("name", "User \(user.number)")
        json.member("given_name", "User")
        json.member("family_name", "\(user.number)")
        json.member("email", user.email)
      }
    }
  }
}

extension TriggerSample {
  /// What a function may answer, empty as Cognito sends it; nil where there is nothing to answer.
  private var response: String? {
    switch source.trigger {
    case .preSignUp: #"{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false}"#
    case .postConfirmation, .preAuthentication, .postAuthentication: "{}"
    case .tokenGeneration:
      tokenVersion == .one
        ? #"{"claimsOverrideDetails":null}"# : #"{"claimsAndScopeOverrideDetails":null}"#
    case .userMigration:
      #"{"userAttributes":null,"forceAliasCreation":null,"enableSMSMFA":null,"finalUserStatus":null,"#
        + #""messageAction":null,"desiredDeliveryMediums":null}"#
    case .customMessage: #"{"smsMessage":null,"emailMessage":null,"emailSubject":null}"#
    case .defineAuthChallenge:
      #"{"challengeName":null,"issueTokens":null,"failAuthentication":null}"#
    case .createAuthChallenge:
      #"{"publicChallengeParameters":null,"privateChallengeParameters":null,"challengeMetadata":null}"#
    case .verifyAuthChallengeResponse: #"{"answerCorrect":null}"#
    case .inboundFederation: #"{"userAttributesToMap":{}}"#
    case .customEmailSender, .customSMSSender: nil
    }
  }
}

/// A value that is JSON already.
struct JSONText: JSONWritable {
  let text: String

  init(_ text: String) {
    self.text = text
  }

  func write(to json: inout JSONWriter) { json.raw(text) }
}

extension [SampleOptions.Member] {
  /// An object of them; nil where there is none.
  fileprivate var text: JSONText? {
    guard !isEmpty else { return nil }
    let members = Dictionary(map { (JSONKey($0.name), JSONValue.string($0.value)) }) { $1 }
    return JSONText(JSONValue.object(members).jsonText)
  }
}

extension JSONWriter {
  /// A member that is null where there is no value.
  fileprivate mutating func nullable(_ key: String, _ value: (some JSONWritable)?) {
    self.key(key)
    if let value { value.write(to: &self) } else { raw("null") }
  }
}
