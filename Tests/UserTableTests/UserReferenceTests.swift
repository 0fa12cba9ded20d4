import UserTable
import XCTest

/// How users are named on a command line.
final class UserReferenceTests: XCTestCase {
  func testAReferenceIsAUUIDInItsCanonicalForm() {
    let uuid = "9a3337b1-51ed-4b0b-9b5c-3a7a0a0f3c11"
    XCTAssertEqual(UserReference(uuid)?.description, uuid)
    XCTAssertEqual(UserReference(uuid.uppercased())?.description, uuid)
    for text in ["", "ada", "{\(uuid)}", " \(uuid)", String(uuid.dropLast()), "\(uuid),\(uuid)"] {
      XCTAssertNil(UserReference(text), text)
    }
  }

  func testALookupAsksForEveryReferenceAtOnce() throws {
    let texts = [
      "9a3337b1-51ed-4b0b-9b5c-3a7a0a0f3c11", "e859a233-51ed-4b0b-9b5c-3a7a0a0f3c11",
    ]
    let references = texts.compactMap(UserReference.init)
    XCTAssertEqual(
      UserLookup(references, userPoolID: nil).parameters, ["{\(texts[0]),\(texts[1])}", nil])
    XCTAssertEqual(
      UserLookup([], userPoolID: "eu-central-1_a").parameters, ["{}", "eu-central-1_a"])
  }
}
