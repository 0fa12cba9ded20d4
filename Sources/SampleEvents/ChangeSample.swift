import Clock
import CognitoTriggers
import JSON

/// A record of CloudTrail's, as EventBridge delivers it.
///
/// Source: as of `ChangeRecord`, and Amazon EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
struct ChangeSample {
  /// Who has called.
  private enum Caller {
    /// With an access token: such a call names no pool.
    case user(parameters: [String])
    case administrator
    /// Of no single user.
    case ofPool
  }

  let call: FollowedCall
  let options: SampleOptions
  let user: SampleUser
  let time: Timestamp

  private var caller: Caller {
    switch call {
    case .deleteUser: .user(parameters: [])
    case .deleteUserAttributes, .verifyUserAttribute: .user(parameters: ["accessToken"])
    case .updateUserAttributes: .user(parameters: ["accessToken", "userAttributes"])
    case .startUserImportJob, .deleteUserPool: .ofPool
    case .adminCreateUser, .adminConfirmSignUp, .adminUpdateUserAttributes,
      .adminDeleteUserAttributes, .adminEnableUser, .adminDisableUser, .adminSetUserPassword,
      .adminResetUserPassword, .adminLinkProviderForUser, .adminDisableProviderForUser,
      .adminDeleteUser:
      .administrator
    }
  }

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("version", "0")
      json.member("id", SampleUser.uuid(user.number))
      json.member("detail-type", ChangeRecord.detailType)
      json.member("source", ChangeRecord.source)
      json.member("account", sampleAccount)
      json.member("time", time.inWholeSeconds)
      json.member("region", options.effectiveRegion)
      json.member("resources", [String]())
      json.key("detail")
      json.object(detail)
    }
  }

  private func detail(_ json: inout JSONWriter) {
    json.member("eventVersion", "1.08")
    json.key("userIdentity")
    identity(&json)
    json.member("eventTime", time.inWholeSeconds)
    json.member("eventSource", "cognito-idp.amazonaws.com")
    json.member("eventName", call.rawValue)
    json.member("awsRegion", options.effectiveRegion)
    json.member("sourceIPAddress", "192.0.2.7")
    json.member("userAgent", "aws-sdk-unknown-unknown")
    json.key("requestParameters")
    parameters(&json)
    json.member("responseElements", JSONValue.null)
    if call.effect != .wholePool {
      json.key("additionalEventData")
      json.object { $0.member("sub", user.sub) }
    }
    json.member("requestID", SampleUser.uuid(user.number))
    json.member("eventID", SampleUser.uuid(user.number))
    json.member("readOnly", false)
    json.member("eventType", "AwsApiCall")
    json.member("managementEvent", true)
    json.member("recipientAccountId", sampleAccount)
    json.member("eventCategory", "Management")
  }

  private func identity(_ json: inout JSONWriter) {
    json.object { json in
      if case .user = caller {
        json.member("type", "Unknown")
        json.member("principalId", "Anonymous")
      } else {
        json.member("type", "AssumedRole")
        json.member("arn", "arn:aws:sts::\(sampleAccount):assumed-role/admin/x")
        json.member("accountId", sampleAccount)
      }
    }
  }

  private func parameters(_ json: inout JSONWriter) {
    if case .user(let parameters) = caller, parameters.isEmpty { return json.raw("null") }
    json.object { json in
      switch caller {
      case .user(let parameters):
        for name in parameters { json.member(name, ChangeRecord.hidden) }
      case .administrator:
        json.member("userPoolId", options.effectivePool)
        json.member("username", options.userName ?? ChangeRecord.hidden)
      case .ofPool: json.member("userPoolId", options.effectivePool)
      }
    }
  }
}

/// An invocation by a rule of EventBridge's with a schedule.
///
/// Source: Amazon EventBridge User Guide, "Events", and "Scheduled events".
struct ScheduleSample {
  let region: String
  let time: Timestamp

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("version", "0")
      json.member("id", SampleUser.uuid(1))
      json.member("detail-type", "Scheduled Event")
      json.member("source", "aws.events")
      json.member("account", sampleAccount)
      json.member("time", time.inWholeSeconds)
      json.member("region", region)
      json.member("resources", ["arn:aws:events:\(region):\(sampleAccount):rule/pooltable"])
      json.key("detail")
      json.object { _ in }
    }
  }
}
