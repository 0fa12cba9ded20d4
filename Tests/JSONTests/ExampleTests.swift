import JSON
import XCTest

/// The example of JSON.docc, as a program that uses the module has it.
final class JSONExampleTests: XCTestCase {
  func testTheOrderIsPaidAndTheRestIsAsItWas() throws {
    let order = Array(#"{"id": 9007199254740993, "buyer": "Ada"}"#.utf8)
    let paid = try paid(order)
    XCTAssertEqual(paid.buyer, "Ada")
    XCTAssertEqual(
      paid.order.map { String(decoding: $0, as: UTF8.self) },
      #"{"payment":{"isPaid":true},"id": 9007199254740993, "buyer": "Ada"}"#)
  }

  func testAnOrderIsWritten() {
    XCTAssertEqual(
      String(decoding: order(of: "Ada", items: ["tea"]), as: UTF8.self),
      #"{"buyer":"Ada","items":["tea"]}"#)
  }
}

/// Whose order it is, and the order, paid.
func paid(_ order: [UInt8]) throws(JSONError) -> (buyer: String?, order: [UInt8]?) {
  let buyer = try JSONValue(parsing: order).object?["buyer"]?.string
  let place = try JSONPlace(of: ["payment", "isPaid"], in: JSONReader(order))
  return (buyer, place.text(order, with: Array("true".utf8)))
}

/// `{"buyer":…,"items":[…]}`
func order(of buyer: String, items: [String]) -> [UInt8] {
  var json = JSONWriter()
  json.object { json in
    json.member("buyer", buyer)
    json.member("items", items)
  }
  return json.finished()
}
