import AWS
import Clock
import CognitoAPI
import CognitoTriggers
import JSON

/// Asks CloudTrail and EventBridge whether changes reach the function.
struct ChangeExamination {
  private static let cloudTrail = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"

  let access: CloudAccess
  let deployment: Deployment
  /// By its ARN; nil where that is not known.
  let function: FunctionReference?
  let region: String
  let deadline: Deadline
  let report: (Finding) -> Void

  func run() {
    do {
      let client = try access.client(of: .cloudTrail)
      report(TrailChecks.trail(try trails(client), in: region))
    } catch let error as ServiceError {
      report(.skipped(.trail, error.told(of: "cloudtrail:DescribeTrails")))
    } catch {
      report(.skipped(.trail, "\(error)"))
    }
    guard let arn = function?.arn else {
      report(
        .skipped(
          .rules, "which rules call the function is asked by its ARN, which is not known",
          "give --function-name"))
      return
    }
    do {
      try examineRules(try access.client(of: .eventBridge), of: arn)
    } catch let error as ServiceError {
      report(
        .skipped(
          .rules, error.told(of: "events:ListRuleNamesByTarget, DescribeRule or TestEventPattern")))
    } catch {
      report(.skipped(.rules, "\(error)"))
    }
  }

  // MARK: Trails

  private func trails(_ client: ServiceClient) throws(ServiceError) -> [TrailChecks.Trail] {
    let answer = try client.call(
      "\(Self.cloudTrail).DescribeTrails", ["includeShadowTrails": .boolean(true)], in: region,
      until: deadline)
    guard case .array(let list)? = answer["trailList"] else { throw .malformedAnswer }
    return list.compactMap(\.object).compactMap { trail in
      guard let arn = trail["TrailARN"]?.string else { return nil }
      let name = trail["Name"]?.string ?? arn
      return TrailChecks.Trail(
        name: name, isLogging: isLogging(arn, client), recordsWrites: recordsWrites(arn, client))
    }
  }

  private func isLogging(_ arn: String, _ client: ServiceClient) -> Bool? {
    let answer = try? client.call(
      "\(Self.cloudTrail).GetTrailStatus", ["Name": .string(arn)], in: region, until: deadline)
    guard case .boolean(let isLogging)? = answer?["IsLogging"] else { return nil }
    return isLogging
  }

  private func recordsWrites(_ arn: String, _ client: ServiceClient) -> Bool? {
    let answer = try? client.call(
      "\(Self.cloudTrail).GetEventSelectors", ["TrailName": .string(arn)], in: region,
      until: deadline)
    guard let answer else { return nil }
    return EventSelectors(answer).recordManagementWrites
  }

  // MARK: Rules

  private func examineRules(
    _ client: ServiceClient, of arn: String
  ) throws(ServiceError) {
    var rules: [(name: String, pattern: String)] = []
    var token: String?
    var tokens = TokenLoop()
    repeat {
      var parameters: [JSONKey: JSONValue] = ["TargetArn": .string(arn)]
      if let token { parameters["NextToken"] = .string(token) }
      let answer = try client.call(
        "AWSEvents.ListRuleNamesByTarget", parameters, in: region, until: deadline)
      for name in answer["RuleNames"]?.strings ?? [] {
        let rule = try client.call(
          "AWSEvents.DescribeRule", ["Name": .string(name)], in: region, until: deadline)
        guard rule["State"]?.string != "DISABLED", let pattern = rule["EventPattern"]?.string,
          !pattern.isEmpty
        else { continue }
        rules.append((name, pattern))
      }
      token = answer["NextToken"]?.string.flatMap { $0.isEmpty ? nil : $0 }
      if let token, tokens.closes(with: token) { throw .malformedAnswer }
    } while token != nil
    var unmatched: [FollowedCall] = []
    for call in FollowedCall.allCases where !rules.isEmpty {
      if try !matches(call, rules.map(\.pattern), client) { unmatched.append(call) }
    }
    report(TrailChecks.rules(rules.map(\.name).sorted(), unmatched: unmatched))
  }

  private func matches(
    _ call: FollowedCall, _ patterns: [String], _ client: ServiceClient
  ) throws(ServiceError) -> Bool {
    let record = SampleRecord(call, pool: deployment.pools.first, region: region).text
    for pattern in patterns {
      let answer = try client.call(
        "AWSEvents.TestEventPattern", ["EventPattern": .string(pattern), "Event": .string(record)],
        in: region, until: deadline)
      guard case .boolean(let result)? = answer["Result"] else { throw .malformedAnswer }
      if result { return true }
    }
    return false
  }
}

/// What a trail records.
///
/// Source: AWS CloudTrail API reference, `GetEventSelectors`: either simple or advanced selectors.
struct EventSelectors {
  let answer: [JSONKey: JSONValue]

  init(_ answer: [JSONKey: JSONValue]) {
    self.answer = answer
  }

  /// Whether management events that write are among it.
  var recordManagementWrites: Bool {
    selectors("EventSelectors").contains { selector in
      selector["IncludeManagementEvents"] != .boolean(false)
        && selector["ReadWriteType"]?.string != "ReadOnly"
    } || selectors("AdvancedEventSelectors").contains(where: isForManagementWrites)
  }

  private func selectors(_ name: JSONKey) -> [[JSONKey: JSONValue]] {
    guard case .array(let list)? = answer[name] else { return [] }
    return list.compactMap(\.object)
  }

  private func isForManagementWrites(_ selector: [JSONKey: JSONValue]) -> Bool {
    guard case .array(let fields)? = selector["FieldSelectors"] else { return false }
    func values(_ field: String) -> [String]? {
      fields.compactMap(\.object).first { $0["Field"]?.string == field }?["Equals"]?.strings
    }
    return values("eventCategory")?.contains("Management") == true
      && values("readOnly")?.contains("false") ?? true
  }
}

/// A record as CloudTrail's of a call that went well, for asking a rule about it.
struct SampleRecord {
  let text: String

  /// - Parameter pool: nil: any.
  init(_ call: FollowedCall, pool: UserPoolID?, region: String) {
    let parameters: JSONValue =
      call.namesPool
      ? .object([
        "userPoolId": .string(pool?.text ?? "\(region)_a1B2c3D4e"),
        "username": .string("HIDDEN_DUE_TO_SECURITY_REASONS"),
      ]) : .null
    text =
      JSONValue.object([
        "version": .string("0"), "id": .string("00000000-0000-4000-8000-000000000000"),
        "detail-type": .string("AWS API Call via CloudTrail"),
        "source": .string("aws.cognito-idp"), "account": .string("123456789012"),
        "time": .string("2026-10-01T12:00:05Z"), "region": .string(region),
        "resources": .array([]),
        "detail": .object([
          "eventVersion": .string("1.08"),
          "eventSource": .string("cognito-idp.amazonaws.com"),
          "eventName": .string(call.rawValue), "awsRegion": .string(region),
          "eventTime": .string("2026-10-01T12:00:00Z"), "requestParameters": parameters,
          "eventType": .string("AwsApiCall"), "readOnly": .boolean(false),
          "managementEvent": .boolean(true),
          "additionalEventData": .object([
            "sub": .string("00000000-0000-4000-8000-000000000000")
          ]),
        ]),
      ]).jsonText
  }
}
