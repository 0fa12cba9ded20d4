import JSON

/// A call of Cognito's API, as CloudTrail recorded it and EventBridge delivered it.
///
/// A hint where to look, never a source: records come late, twice, in any order, and hide the values.
///
/// Source: AWS CloudTrail User Guide, "CloudTrail record contents"; Amazon Cognito Developer Guide, "Logging Amazon
/// Cognito API calls with AWS CloudTrail"; records that handlers in public use quote.
public struct ChangeRecord: Sendable, Equatable {
  /// Nil for a call that is not followed.
  public var call: FollowedCall?
  /// Whether Cognito refused the call.
  public var hasFailed: Bool
  /// Where the call was made.
  public var region: String?
  /// Nil in the calls of users who act for themselves.
  public var userPoolID: String?
  /// Nil where the record does not tell it.
  public var sub: Sub?
  /// Nil where the record hides it, or does not tell it. May be an alias of the user.
  public var userName: String?
  /// When the call was made, as RFC 3339 writes it.
  public var time: String?

  /// EventBridge's `detail-type` and `source` of such a record.
  public static let detailType = "AWS API Call via CloudTrail"
  public static let source = "aws.cognito-idp"
  /// Before the partition's own ending.
  private static let eventSource = "cognito-idp.amazonaws."
  /// What stands in the place of a value that CloudTrail does not record.
  public static let hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

  /// - Parameter bytes: what the function was invoked with.
  /// - Returns: nil where it is anything else.
  public init?(_ bytes: [UInt8]) {
    guard let event = try? JSONValue(parsing: bytes, allowsByteOrderMark: true).object,
      event["detail-type"]?.string == Self.detailType, event["source"]?.string == Self.source,
      let detail = event["detail"]?.object,
      detail["eventSource"]?.string?.hasPrefix(Self.eventSource) == true
    else { return nil }
    let parameters = detail["requestParameters"]?.object
    call = detail["eventName"]?.string.flatMap(FollowedCall.init(rawValue:))
    hasFailed = detail["errorCode"].map { $0 != .null } ?? false
    region = detail["awsRegion"]?.string ?? event["region"]?.string
    userPoolID = Self.told(parameters?["userPoolId"])
    sub = detail["additionalEventData"]?.object?["sub"]?.string.flatMap { Sub($0) }
    userName = Self.told(parameters?["username"])
    time = detail["eventTime"]?.string
  }

  private static func told(_ value: JSONValue?) -> String? {
    guard let text = value?.string, !text.isEmpty, text != hidden else { return nil }
    return text
  }
}

/// A call of Cognito's API after which a user may not be what the table says. The raw value is its name there.
public enum FollowedCall: String, Sendable, CaseIterable {
  case adminCreateUser = "AdminCreateUser"
  case adminConfirmSignUp = "AdminConfirmSignUp"
  case adminUpdateUserAttributes = "AdminUpdateUserAttributes"
  case adminDeleteUserAttributes = "AdminDeleteUserAttributes"
  case updateUserAttributes = "UpdateUserAttributes"
  case deleteUserAttributes = "DeleteUserAttributes"
  case verifyUserAttribute = "VerifyUserAttribute"
  case adminEnableUser = "AdminEnableUser"
  case adminDisableUser = "AdminDisableUser"
  case adminSetUserPassword = "AdminSetUserPassword"
  case adminResetUserPassword = "AdminResetUserPassword"
  case adminLinkProviderForUser = "AdminLinkProviderForUser"
  case adminDisableProviderForUser = "AdminDisableProviderForUser"
  case adminDeleteUser = "AdminDeleteUser"
  case deleteUser = "DeleteUser"
  case startUserImportJob = "StartUserImportJob"
  case deleteUserPool = "DeleteUserPool"

  /// What may have become of whom.
  public enum Effect: Sendable {
    /// A user is another than before.
    case change
    /// A user is gone.
    case deletion
    /// Any number of users are there, or gone.
    case wholePool
  }

  public var effect: Effect {
    switch self {
    case .adminCreateUser, .adminConfirmSignUp, .adminUpdateUserAttributes,
      .adminDeleteUserAttributes, .updateUserAttributes, .deleteUserAttributes,
      .verifyUserAttribute, .adminEnableUser, .adminDisableUser, .adminSetUserPassword,
      .adminResetUserPassword, .adminLinkProviderForUser, .adminDisableProviderForUser:
      .change
    case .adminDeleteUser, .deleteUser: .deletion
    case .startUserImportJob, .deleteUserPool: .wholePool
    }
  }
}
