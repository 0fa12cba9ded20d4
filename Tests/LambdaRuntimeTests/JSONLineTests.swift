import Foundation
import XCTest

@testable import LambdaRuntime

final class JSONLineTests: XCTestCase {
  func testEveryLowCharacterComesBackAsItWas() throws {
    for code in UInt32(0)...255 {
      let character = String(try XCTUnwrap(Unicode.Scalar(code)))
      var json = JSONLine()
      json.append(key: "<\(character)>", string: "a\(character)b")

      let bytes = json.finished()

      XCTAssertEqual(
        try parsed(bytes), ["<\(character)>": "a\(character)b"], "U+\(String(code, radix: 16))")
      XCTAssertFalse(bytes.contains { $0 < 0x20 }, "U+\(String(code, radix: 16))")
    }
  }

  func testCharactersBeyondTheFirstPlaneStayWhatTheyAre() throws {
    var json = JSONLine()
    json.append(key: "name", string: "Åsa 李 👩🏽‍🚀 \u{2028}")
    XCTAssertEqual(try parsed(json.finished()), ["name": "Åsa 李 👩🏽‍🚀 \u{2028}"])
  }

  func testMembersAreSeparatedAndKeepTheirOrder() {
    var json = JSONLine()
    json.append(key: "b", string: "1")
    json.append(key: "a", raw: "[2]")
    json.append(key: "", string: "")
    XCTAssertEqual(String(decoding: json.finished(), as: UTF8.self), #"{"b":"1","a":[2],"":""}"#)
  }

  func testNothingAppendedIsAnEmptyObject() {
    XCTAssertEqual(String(decoding: JSONLine().finished(), as: UTF8.self), "{}")
  }

  private func parsed(_ bytes: [UInt8]) throws -> NSDictionary? {
    try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary
  }
}
