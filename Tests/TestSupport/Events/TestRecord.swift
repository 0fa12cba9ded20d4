import Foundation

/// Builds records of CloudTrail's in the form in which EventBridge delivers them.
public struct TestRecord {
  private let detail: [String: Any]

  /// - Parameters:
  ///   - name: of the call.
  ///   - sub: nil where the record does not tell it.
  ///   - userPoolID: nil where a user acts for themselves.
  ///   - userName: nil where the record hides it.
  ///   - changes: members of `detail` that are other ones.
  public init(
    _ name: String, sub: String?, userPoolID: String?, userName: String? = nil,
    at time: Date = Date(), region: String = MotoServer.region, _ changes: [String: Any] = [:]
  ) {
    var parameters: [String: Any] = ["username": userName ?? "HIDDEN_DUE_TO_SECURITY_REASONS"]
    parameters["userPoolId"] = userPoolID
    var detail: [String: Any] = [
      "eventSource": "cognito-idp.amazonaws.com", "eventName": name,
      "eventTime": ISO8601DateFormatter().string(from: time), "awsRegion": region,
      "requestParameters": parameters,
    ]
    if let sub { detail["additionalEventData"] = ["sub": sub] }
    self.detail = detail.merging(changes) { $1 }
  }

  public var bytes: [UInt8] {
    let record: [String: Any] = [
      "version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.cognito-idp",
      "region": detail["awsRegion"] ?? "", "detail": detail,
    ]
    return (try? JSONSerialization.data(withJSONObject: record)).map(Array.init) ?? []
  }
}
