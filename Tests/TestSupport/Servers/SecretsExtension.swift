import Foundation
import Synchronization

/// The AWS Parameters and Secrets Lambda extension, as its documentation describes it: the secret
/// that it has cached is served until a request bypasses the cache.
public final class SecretsExtension: Sendable {
  public enum Behaviour: Sendable {
    case serves
    /// Serves, and does not know `refreshNow`: as `serves` but 400 for it.
    case refusesRefresh
    /// Takes requests and never answers.
    case silent
    case answers(status: Int, body: String)
  }

  private struct State {
    var behaviour = Behaviour.serves
    var current: String
    /// By the version stage asked for.
    var cached: [String: String] = [:]
    var requests: [String] = []
  }

  public static let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db/app+1-AbCdEf"
  public static let token = "canary-session+token/=="

  public var port: Int { server.port }
  private let server: StandInServer
  private let state: SharedState

  /// - Parameter secret: the secret's text.
  public init(secret: String) throws {
    let state = SharedState(secret)
    self.state = state
    server = try StandInServer { descriptor in
      while let request = Self.readRequest(from: descriptor) {
        guard let response = state.response(to: request) else { continue }
        StandInServer.send(response, to: descriptor)
      }
    }
  }

  public convenience init(user: String, password: String) throws {
    try self.init(secret: Self.secret(user: user, password: password))
  }

  public static func secret(user: String, password: String) -> String {
    #"{"engine":"postgres","username":"\#(user)","password":"\#(password)","port":5432}"#
  }

  /// What the function needs to find this extension.
  public var environment: [String: String] {
    [
      "DATABASE_SECRET_ARN": Self.arn, "AWS_SESSION_TOKEN": Self.token,
      "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": "\(port)",
    ]
  }

  public func set(_ behaviour: Behaviour) { state.value.withLock { $0.behaviour = behaviour } }

  /// A new version in Secrets Manager; what is cached stays.
  public func rotate(toSecret secret: String) { state.value.withLock { $0.current = secret } }

  /// The paths of the requests so far, in order.
  public var requests: [String] { state.value.withLock { $0.requests } }

  /// The head of a request; there are no bodies. - Returns: nil when the client has gone.
  private static func readRequest(from descriptor: Int32) -> String? {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard let byte = StandInServer.read(1, from: descriptor) else { return nil }
      head += byte
    }
    return String(decoding: head, as: UTF8.self)
  }

  private final class SharedState: Sendable {
    let value: Mutex<State>

    init(_ secret: String) { value = Mutex(State(current: secret)) }

    func response(to request: String) -> [UInt8]? {
      value.withLock { state in
        guard let answer = Self.answer(to: request, &state) else { return nil }
        let head =
          "HTTP/1.1 \(answer.status) X\r\nContent-Type: application/json\r\n"
          + "Content-Length: \(answer.body.utf8.count)\r\n\r\n"
        return Array((head + answer.body).utf8)
      }
    }

    private static func answer(
      to request: String, _ state: inout State
    ) -> (status: Int, body: String)? {
      let lines = request.split(whereSeparator: \.isNewline)
      let words = lines.first?.split(separator: " ") ?? []
      let path = words.count == 3 ? String(words[1]) : ""
      state.requests.append(path)
      guard lines.contains("X-Aws-Parameters-Secrets-Token: \(SecretsExtension.token)"),
        lines.contains(where: { $0.hasPrefix("User-Agent: pooltable/") })
      else { return (403, "forbidden") }
      let query = URLComponents(string: path)?.queryItems ?? []
      func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
      switch state.behaviour {
      case .silent: return nil
      case .answers(let status, let body): return (status, body)
      case .refusesRefresh where value("refreshNow") != nil: return (400, "unknown parameter")
      case .serves, .refusesRefresh: break
      }
      guard words.first == "GET", path.hasPrefix("/secretsmanager/get?"),
        value("secretId") == SecretsExtension.arn, !path.contains("+")
      else { return (404, "not found") }
      let stage = value("versionStage") ?? ""
      let isCached = state.cached[stage] != nil && value("refreshNow") != "true"
      if !isCached { state.cached[stage] = state.current }
      let body: [String: Any] = [
        "ARN": SecretsExtension.arn, "Name": "db/app", "VersionStages": ["AWSCURRENT"],
        "CreatedDate": "2026-11-21T08:30:00Z", "SecretString": state.cached[stage] ?? "",
      ]
      let data = (try? JSONSerialization.data(withJSONObject: body)) ?? Data()
      return (200, String(decoding: data, as: UTF8.self))
    }
  }
}
