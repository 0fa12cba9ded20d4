import AWS
import Clock
import CognitoAPI
import Foundation
import HTTP
import JSON
import LocalLambda

/// moto, a stand-in for AWS's APIs, as a process of its own on loopback. It ends with this process.
/// scripts/lib/import_jobs.py adds Cognito's import of users.
///
/// It takes any keys, tells services and regions apart by the signature, and keeps everything in memory.
/// It does not refuse attributes that the pool has not.
public final class MotoServer: @unchecked Sendable {
  private static let result = Result { try MotoServer() }

  /// The one of this test process, started when it is first asked for. Tests share it: each makes pools
  /// of its own.
  public static var shared: MotoServer {
    get throws { try result.get() }
  }

  public static let region = "eu-central-1"
  static let credentials = AWSCredentials(
    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "example/secret+key",
    sessionToken: "example+token=")

  /// The URL of every service.
  public let endpoint: String
  private let process: PythonServer
  /// Under the lock.
  private let client: HTTPClient
  private let lock = NSLock()

  /// - Parameter certificate: with it the server speaks TLS, as `localhost`, and is not asked anything here.
  public init(tls certificate: (certificate: Data, key: Data)? = nil) throws {
    process = try PythonServer(
      "moto", script: Self.script,
      arguments: [TestEnvironment.packageRoot.appendingPathComponent("scripts/lib").path],
      files: certificate.map { [$0.certificate, $0.key] } ?? [])
    let port = process.port
    endpoint = certificate == nil ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)"
    client = try HTTPClient(
      userAgent: "test/1", bodyLimit: 64 << 20, connectTimeout: .seconds(10), signs: true)
  }

  /// What a program under test needs to talk to this server instead of AWS.
  public var environment: [String: String] {
    [
      "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": endpoint,
      "AWS_ACCESS_KEY_ID": Self.credentials.accessKeyID,
      "AWS_SECRET_ACCESS_KEY": Self.credentials.secretAccessKey,
      "AWS_SESSION_TOKEN": Self.credentials.sessionToken ?? "",
    ]
  }

  /// Any call of Cognito's API, from any thread. - Returns: the members of the answer.
  @discardableResult
  public func call(
    _ operation: String, _ parameters: [JSONKey: JSONValue]
  ) throws -> [JSONKey: JSONValue] {
    let response = try lock.withLock {
      try client.perform(
        HTTPRequest(
          .post(Array(JSONValue.object(parameters).jsonText.utf8)), url: "\(endpoint)/",
          headers: HTTPHeaderList([
            "Content-Type: application/x-amz-json-1.1",
            "X-Amz-Target: AWSCognitoIdentityProviderService.\(operation)",
          ])
        ).signed(
          by: AWSSignature(
            service: "cognito-idp", region: Self.region, credentials: Self.credentials)),
        until: .after(.seconds(60)))
    }
    guard response.status == 200 else {
      let body = String(decoding: response.body, as: UTF8.self)
      throw TestEnvironment.Missing(description: "moto: \(operation): \(response.status) \(body)")
    }
    return response.body.isEmpty ? [:] : try JSONValue(parsing: response.body).object ?? [:]
  }

  private static let script = """
    sys.path.insert(0, sys.argv[1])
    from import_jobs import ImportJobs
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server
    context = None
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    application = ImportJobs(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=context)
    ready(server.port)
    server.serve_forever()
    """
}
