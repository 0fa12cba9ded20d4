import FoundationEssentials
import JSON

/// A call of Lambda's operation `Invoke`, checked as Lambda does before the function runs.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
struct InvokeRequest: Equatable {
  /// The values of `X-Amz-Invocation-Type`.
  enum InvocationType: String, CaseIterable {
    /// The caller waits for the function's answer.
    case requestResponse = "RequestResponse"
    /// The caller waits for nothing.
    case event = "Event"
    /// The function does not run.
    case dryRun = "DryRun"

    /// Of the payload, in bytes.
    var payloadLimit: Int { self == .event ? 1024 * 1024 : 6 * 1024 * 1024 }
  }

  var type = InvocationType.requestResponse
  /// JSON; `{}` where the caller sent nothing.
  var payload: [UInt8]
  var qualifier: String?
  var wantsLogTail = false
  /// JSON, for the function's context object.
  var clientContext: String?
  var traceID: String?

  /// - Parameter function: what is served.
  /// - Throws: what Lambda answers instead.
  init(_ request: ServedRequest, for function: FunctionIdentity) throws(InvokeRefusal) {
    let reference = try Self.reference(in: request)
    type =
      try Self.value(of: "x-amz-invocation-type", named: "invocationType", in: request)
      ?? .requestResponse
    let logType: LogType? = try Self.value(of: "x-amz-log-type", named: "logType", in: request)
    qualifier = try Self.qualifier(reference, in: request)
    guard reference.name == function.name else {
      let asked = FunctionIdentity(name: reference.name, region: function.region)
      throw .functionNotFound(arn: asked.arn(qualifier: qualifier ?? "$LATEST"))
    }
    guard request.bodyLength <= type.payloadLimit else {
      throw .payloadTooLarge(limit: type.payloadLimit)
    }
    payload = request.body.isEmpty ? Array("{}".utf8) : request.body
    if let fault = Self.fault(in: payload) {
      throw .invalidContent("Could not parse request body into json: \(fault)")
    }
    // It becomes a header again.
    traceID = request.headers["x-amzn-trace-id"].flatMap { id in
      id.utf8.contains { $0 < 0x20 } ? nil : id
    }
    // Both are only for callers who wait.
    guard type == .requestResponse else { return }
    wantsLogTail = logType == .tail
    if let encoded = request.headers["x-amz-client-context"] {
      guard let data = Data(base64Encoded: encoded),
        case .object? = try? JSONValue(parsing: Array(data))
      else {
        throw .invalidContent("Client context must be a valid Base64-encoded JSON object.")
      }
      // One line, as a header must be.
      clientContext = try? JSONValue(parsing: Array(data)).jsonText
    }
  }

  /// - Returns: nil for JSON, however deeply nested: what is too deep for it the function says itself.
  private static func fault(in payload: [UInt8]) -> String? {
    guard var reader = try? JSONReader(payload) else { return "the bytes are not UTF-8" }
    do {
      _ = try reader.value(isWanted: false)
      try reader.end()
      return nil
    } catch {
      return error == .tooDeep ? nil : "not JSON at byte \(reader.index)"
    }
  }

  private enum LogType: String, CaseIterable {
    case none = "None"
    case tail = "Tail"
  }

  private static func reference(
    in request: ServedRequest
  ) throws(InvokeRefusal) -> FunctionReference {
    let parts = request.pathWithoutQuery
      .split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    guard request.method == "POST", parts.count == 4,
      parts.starts(with: ["2015-03-31", "functions"]),
      parts.last == "invocations", let encoded = parts.dropFirst(2).first
    else { throw .unknownOperation }
    guard let name = String(percentEncoded: encoded),
      let reference = FunctionReference(name)
    else {
      throw .invalidValue(
        String(encoded), of: "functionName",
        demand: "satisfy regular expression pattern: the name or ARN of a function")
    }
    return reference
  }

  private static func qualifier(
    _ reference: FunctionReference, in request: ServedRequest
  ) throws(InvokeRefusal) -> String? {
    let query = request.path.drop { $0 != "?" }.dropFirst()
    let item = query.split(separator: "&").first { $0.hasPrefix("Qualifier=") }
    guard let item else { return reference.qualifier }
    let encoded = String(item.dropFirst("Qualifier=".count))
    guard let qualifier = String(percentEncoded: encoded),
      FunctionReference.isQualifier(qualifier)
    else {
      throw .invalidValue(
        encoded, of: "qualifier",
        demand: "satisfy regular expression pattern: a version or an alias")
    }
    if let derived = reference.qualifier, derived != qualifier { throw .qualifiersDiffer }
    return qualifier
  }

  private static func value<Value: RawRepresentable<String> & CaseIterable>(
    of header: String, named name: String, in request: ServedRequest
  ) throws(InvokeRefusal) -> Value? {
    guard let text = request.headers[header] else { return nil }
    if let value = Value(rawValue: text) { return value }
    let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw .invalidValue(text, of: name, demand: "satisfy enum value set: [\(all)]")
  }
}
