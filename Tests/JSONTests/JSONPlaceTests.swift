import XCTest

@testable import JSON

final class JSONPlaceTests: XCTestCase {
  /// `json` with `V` where the member a.b is; nil where it cannot be.
  private func placed(_ json: String) throws -> String? {
    let bytes = Array(json.utf8)
    let place = try JSONPlace(of: ["a", "b"], in: JSONReader(bytes))
    return place.text(bytes, with: Array("V".utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  func testAValueThatIsThereIsReplacedAndNothingElse() throws {
    let rows = [
      (#"{"a":{"b":1}}"#, #"{"a":{"b":V}}"#),
      (#" { "a" : { "b" : [ 1 , 2 ] } } "#, #" { "a" : { "b" : V } } "#),
      (
        #"{"x":{"b":1},"a":{"x":2,"b":{"b":null},"y":"}"},"b":3}"#,
        #"{"x":{"b":1},"a":{"x":2,"b":V,"y":"}"},"b":3}"#
      ),
      (#"{"a":{"b":"\"}"}}"#, #"{"a":{"b":V}}"#),
      (#"{"\u0061":{"\u0062":-1.5e3}}"#, #"{"\u0061":{"\u0062":V}}"#),
      (#"{"a":{"b":null}}"#, #"{"a":{"b":V}}"#),
    ]
    for (json, expected) in rows { XCTAssertEqual(try placed(json), expected, json) }
  }

  func testWhatIsMissingIsMade() throws {
    let rows = [
      ("{}", #"{"a":{"b":V}}"#), ("{ }", #"{"a":{"b":V} }"#), ("null", #"{"a":{"b":V}}"#),
      (#"{"x":1}"#, #"{"a":{"b":V},"x":1}"#), (#"{"a":null}"#, #"{"a":{"b":V}}"#),
      (#"{"a": null ,"x":1}"#, #"{"a": {"b":V} ,"x":1}"#), (#"{"a":{}}"#, #"{"a":{"b":V}}"#),
      (#"{"a":{ "c":{"b":1}}}"#, #"{"a":{"b":V, "c":{"b":1}}}"#),
    ]
    for (json, expected) in rows { XCTAssertEqual(try placed(json), expected, json) }
  }

  func testOfSeveralItIsTheLast() throws {
    let rows = [
      (#"{"a":{"b":1,"b":2}}"#, #"{"a":{"b":1,"b":V}}"#),
      (#"{"a":{"b":1},"a":{"b":2}}"#, #"{"a":{"b":1},"a":{"b":V}}"#),
      (#"{"a":{"b":1},"\u0061":{}}"#, #"{"a":{"b":1},"\u0061":{"b":V}}"#),
      (#"{"a":{"b":1},"a":null}"#, #"{"a":{"b":1},"a":{"b":V}}"#),
      (#"{"a":2,"a":{"b":1}}"#, #"{"a":2,"a":{"b":V}}"#),
    ]
    for (json, expected) in rows { XCTAssertEqual(try placed(json), expected, json) }
    XCTAssertNil(try placed(#"{"a":{"b":1},"a":2}"#))
  }

  func testNothingIsPutIntoWhatIsNoObject() throws {
    for value in ["1", "true", "false", "[]", "[null]", #""null""#, #""""#, #"[{"b":1}]"#] {
      XCTAssertNil(try placed(value), value)
      XCTAssertNil(try placed("{\"a\":\(value)}"), value)
    }
  }

  func testWhatIsMalformedAnywhereIsRefused() {
    for json in ["", "{", "nul", "{} {}", #"{"a":{"b":1}"#, #"{"a":{"b":1},}"#, #"{"x":01}"#] {
      XCTAssertThrowsError(try placed(json), json) {
        XCTAssertEqual($0 as? JSONError, .malformed)
      }
    }
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    XCTAssertThrowsError(try placed("{\"x\":\(deep)}")) {
      XCTAssertEqual($0 as? JSONError, .tooDeep)
    }
  }
}
