import Clock
import JSON

extension CognitoClient {
  /// What a pool is like (`DescribeUserPool`).
  ///
  /// - Throws: `resourceNotFound` where there is none.
  public func description(
    of pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> PoolDescription {
    let answer = try call(.describePool, [:], in: pool, until: deadline)
    guard let description = answer["UserPool"]?.object else {
      throw .malformedAnswer(.describePool)
    }
    return PoolDescription(description)
  }

  /// The ids of all app clients of a pool (`ListUserPoolClients`).
  ///
  /// - Parameter deadline: for all pages together.
  public func clientIDs(
    of pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> [String] {
    try pages(of: .listClients, "UserPoolClients", in: pool, until: deadline).compactMap {
      $0["ClientId"]?.string
    }
  }

  /// An app client (`DescribeUserPoolClient`). Its secret, which comes along, is not kept.
  ///
  /// - Throws: `resourceNotFound` where there is none.
  public func client(
    _ id: String, of pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> AppClient {
    let answer = try call(.describeClient, ["ClientId": .string(id)], in: pool, until: deadline)
    guard let client = answer["UserPoolClient"]?.object.flatMap({ AppClient($0) }) else {
      throw .malformedAnswer(.describeClient)
    }
    return client
  }

  /// The regions that have a replica of a pool (`ListUserPoolReplicas`), its own not among them.
  ///
  /// - Parameter deadline: for all pages together.
  public func replicaRegions(
    of pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> [String] {
    try pages(of: .listReplicas, "UserPoolReplicas", in: pool, until: deadline).compactMap {
      $0["Role"]?.string == "PRIMARY" ? nil : $0["RegionName"]?.string
    }
  }

  private func pages(
    of operation: CognitoOperation, _ member: JSONKey, in pool: UserPoolID,
    until deadline: Deadline
  ) throws(CognitoError) -> [[JSONKey: JSONValue]] {
    var found: [[JSONKey: JSONValue]] = []
    var token: String?
    var tokens = TokenLoop()
    repeat {
      var parameters: [JSONKey: JSONValue] = [:]
      if let token { parameters["NextToken"] = .string(token) }
      let answer = try call(operation, parameters, in: pool, until: deadline)
      guard case .array(let page)? = answer[member] else { throw .malformedAnswer(operation) }
      found += page.compactMap(\.object)
      token = try Self.nextToken(answer["NextToken"], of: operation)
      if let token, tokens.closes(with: token) { throw .malformedAnswer(operation) }
    } while token != nil
    return found
  }
}
