import Clock
import CognitoAPI
import Settings
import TestSupport
import XCTest

/// Calls over TLS, to a server whose certificate no public authority signed.
final class TLSTests: XCTestCase {
  /// Used by the one thread that tests run in.
  private static nonisolated(unsafe) let servers = Result {
    let certificates = try TestCertificates()
    return (certificates, try MotoServer(tls: try certificates.server(host: "localhost")))
  }

  private func failure(endpoint: String, bundle: String?) throws -> CognitoError? {
    var environment = try Self.servers.get().1.environment
    environment["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = endpoint
    environment["AWS_CA_BUNDLE"] = bundle
    let client = try CognitoClient(environment: Environment(environment), version: "1")
    let pool = try XCTUnwrap(UserPoolID("eu-central-1_Nowhere"))
    do {
      _ = try client.listUsers(in: pool, until: .after(.seconds(60)))
      return nil
    } catch {
      return error
    }
  }

  func testAServerOfATrustedAuthorityIsTalkedTo() throws {
    let (certificates, moto) = try Self.servers.get()
    XCTAssertTrue(moto.endpoint.hasPrefix("https://"))
    XCTAssertEqual(
      try failure(endpoint: moto.endpoint, bundle: certificates.authority), .resourceNotFound)
  }

  func testAServerOfAnotherAuthorityIsNot() throws {
    let (_, moto) = try Self.servers.get()
    let other = try TestCertificates()
    for bundle in [nil, "", other.authority] {
      guard
        case .transport(.transport(60, _)) = try failure(endpoint: moto.endpoint, bundle: bundle)
      else { return XCTFail("another error, or none") }
    }
  }

  func testACertificateForAnotherHostIsRefused() throws {
    let (certificates, moto) = try Self.servers.get()
    let endpoint = moto.endpoint.replacingOccurrences(of: "localhost", with: "127.0.0.1")
    guard
      case .transport(.transport(60, _)) = try failure(
        endpoint: endpoint, bundle: certificates.authority)
    else { return XCTFail("another error, or none") }
  }

  /// No other bundle takes the place of one that is not there.
  func testABundleThatIsNotThereIsAnErrorThatNamesTheVariable() throws {
    let (_, moto) = try Self.servers.get()
    let error = try XCTUnwrap(failure(endpoint: moto.endpoint, bundle: "/nonexistent.pem"))
    guard case .transport(.transport(77, _)) = error else { return XCTFail("\(error)") }
    XCTAssertTrue(error.description.contains("AWS_CA_BUNDLE"), error.description)
  }
}
