import HTTP
import XCTest

final class CertificateBundleTests: XCTestCase {
  private let amazon = "/etc/pki/tls/certs/ca-bundle.crt"
  private let debian = "/etc/ssl/certs/ca-certificates.crt"

  func testTheChosenFileThenLibcurlsThenThePlatforms() {
    let rows: [(chosen: String?, builtIn: String?, there: Set<String>, file: String?)] = [
      ("/own.pem", amazon, [amazon, "/own.pem"], "/own.pem"),
      // To trust others than were asked for would be worse than to trust nobody.
      ("/own.pem", amazon, [amazon, debian], "/own.pem"),
      (nil, amazon, [amazon, debian], nil),
      (nil, amazon, [debian], debian),
      (nil, debian, [amazon], amazon),
      (nil, nil, [amazon, debian], amazon),
      (nil, amazon, ["/etc/ssl/cert.pem"], "/etc/ssl/cert.pem"),
      (nil, amazon, [], nil),
    ]
    for row in rows {
      XCTAssertEqual(
        CertificateBundle.file(
          chosen: row.chosen, builtIn: row.builtIn, exists: row.there.contains), row.file)
    }
  }

  func testLibcurlSaysWhereItLooks() throws {
    let file = try XCTUnwrap(CertificateBundle.builtIn)
    XCTAssertTrue(file.hasPrefix("/"), file)
  }
}
