import Clock
import Foundation
import SampleEvents

/// Builds records of CloudTrail's of whatever call: complete as `SampleEvent` makes them, with other members of
/// `detail`.
public struct TestRecord {
  private let changes: [String: Any]

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
    let told: [String: Any] = [
      "eventName": name, "eventTime": ISO8601DateFormatter().string(from: time),
      "awsRegion": region, "requestParameters": parameters,
      "additionalEventData": sub.map { ["sub": $0] } ?? NSNull(),
    ]
    self.changes = told.merging(changes) { $1 }
  }

  public var bytes: [UInt8] {
    guard let sample = try? SampleEvent(of: .change(.adminDeleteUser), at: .now()),
      var record = try? JSONSerialization.jsonObject(with: Data(sample.json)) as? [String: Any],
      let detail = record["detail"] as? [String: Any]
    else { return [] }
    record["detail"] = detail.merging(changes) { $1 }
    record["region"] = changes["awsRegion"]
    return (try? JSONSerialization.data(withJSONObject: record)).map(Array.init) ?? []
  }
}
