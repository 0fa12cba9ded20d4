import XCTest

@testable import AppSync

final class FieldAnswerTests: XCTestCase {
  func testOnlyAStateForTheClientKeepsItsMessage() {
    let rows: [(state: String, message: String?, kind: FieldFailure.Kind, told: String)] = [
      ("PT401", "who?", .unauthorized, "who?"), ("PT403", "no", .forbidden, "no"),
      ("PT404", "none", .notFound, "none"), ("PT400", "bad", .badRequest, "bad"),
      ("PT409", "taken", .badRequest, "taken"),
      ("PT403", "", .forbidden, "The field could not be resolved"),
      ("PT500", "x", .internalError, "The field could not be resolved"),
      (
        "42501", "permission denied for table users", .internalError,
        "The field could not be resolved"
      ),
      ("P0001", "x", .internalError, "The field could not be resolved"),
      ("PT403", nil, .internalError, "The field could not be resolved"),
    ]
    for row in rows {
      let failure = FieldFailure(sqlState: row.state, message: row.message)
      XCTAssertEqual(failure.kind, row.kind, row.state)
      XCTAssertEqual(failure.message, row.told, row.state)
    }
  }

  func testABatchIsAnsweredInItsOrder() {
    let answer = FieldAnswer.batch([
      .value(#"{"a": 1.50}"#), .failure(.nobody), .value("null"),
      .failure(FieldFailure(sqlState: "PT403", message: "\"no\"")),
    ])
    XCTAssertEqual(
      String(decoding: answer, as: UTF8.self),
      #"[{"data":{"a": 1.50}},{"data":null,"errorMessage":"Sign in first","errorType":"Unauthorized"},"#
        + #"{"data":null},{"data":null,"errorMessage":"\"no\"","errorType":"Forbidden"}]"#)
  }
}
