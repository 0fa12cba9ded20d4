import Foundation
import XCTest

@testable import LocalLambda

/// What callers of Lambda get, to the byte.
final class InvokeAnswerTests: XCTestCase {
  func testAnAnswerHasTheHeadersOfLambdas() {
    let answer = InvokeAnswer.ran(.answered(.response([0x31])), requestID: "A", logTail: [0x61])
    XCTAssertEqual(
      String(decoding: answer.bytes(requestID: "A"), as: UTF8.self),
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n"
        + "x-amzn-RequestId: A\r\nX-Amz-Executed-Version: $LATEST\r\nX-Amz-Log-Result: YQ==\r\n\r\n1"
    )
  }

  func testWhoDoesNotWaitGetsAStatusAlone() {
    XCTAssertEqual(
      String(decoding: InvokeAnswer.accepted.bytes(requestID: "A"), as: UTF8.self),
      "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 0\r\n"
        + "x-amzn-RequestId: A\r\n\r\n")
    XCTAssertEqual(
      String(decoding: InvokeAnswer.dryRun.bytes(requestID: "A"), as: UTF8.self),
      "HTTP/1.1 204 No Content\r\nx-amzn-RequestId: A\r\n\r\n")
  }

  func testAnErrorOfTheFunctionIsAnAnswer() {
    let results: [(InvocationResult, body: String)] = [
      (.answered(.error(type: "Function.X", body: [0x31])), "1"),
      (.initializationFailed(body: [0x32]), "2"),
      (
        .failed(.timedOut(.milliseconds(5000))),
        #"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: A Error: Task timed out after 5.00 seconds"}"#
      ),
      (
        .failed(.exited(.exited(3))),
        #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: A Error: Runtime exited with error: exit status 3"}"#
      ),
      (
        .failed(.exited(.exited(0))),
        #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: A Error: Runtime exited without providing a reason"}"#
      ),
      (
        .failed(.exited(.killed(signal: 9))),
        #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: A Error: Runtime exited with error: signal: killed"}"#
      ),
      (
        .failed(.notStarted(path: "/x", errno: ENOENT)),
        #"{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: A Error: fork/exec /x: no such file or directory"}"#
      ),
    ]
    for (result, body) in results {
      let answer = InvokeAnswer.ran(result, requestID: "A", logTail: nil)
      XCTAssertEqual(answer.status, 200)
      XCTAssertEqual(answer.headers["X-Amz-Function-Error"], "Unhandled")
      XCTAssertEqual(String(decoding: answer.body, as: UTF8.self), body)
    }
    XCTAssertNil(
      InvokeAnswer.ran(.answered(.response([])), requestID: "A", logTail: nil)
        .headers["X-Amz-Function-Error"])
  }

  func testARefusalHasTheFormOfAWSs() {
    let refusals: [(InvokeRefusal, body: String)] = [
      (.functionNotFound(arn: "x"), #"{"Type":"User","Message":"Function not found: x"}"#),
      (.invalidContent("x"), #"{"Type":"User","message":"x"}"#),
      (
        .throttled,
        #"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
      ),
      (
        .invalidValue("a", of: "b", demand: "c"),
        #"{"message":"1 validation error detected: Value 'a' at 'b' failed to satisfy constraint: Member must c"}"#
      ),
    ]
    for (refusal, body) in refusals {
      let answer = InvokeAnswer.refused(refusal)
      XCTAssertEqual(answer.status, refusal.status)
      XCTAssertEqual(answer.headers, ["x-amzn-ErrorType": refusal.type])
      XCTAssertEqual(String(decoding: answer.body, as: UTF8.self), body)
    }
  }

  func testTheLogHasLambdasLinesAroundIt() {
    var log = InvocationLog()
    log.append("first\n".utf8)
    log.start(requestID: "A")
    log.append("second".utf8)
    log.end(
      requestID: "A", duration: .microseconds(1204), initialization: .milliseconds(12),
      memory: (128, 17), failure: .timedOut(.seconds(1)))
    XCTAssertEqual(
      String(decoding: log.bytes, as: UTF8.self),
      "first\nSTART RequestId: A Version: $LATEST\nsecond\nEND RequestId: A\n"
        + "REPORT RequestId: A\tInit Duration: 12.00 ms\tDuration: 1.20 ms\tBilled Duration: 2 ms\t"
        + "Memory Size: 128 MB\tMax Memory Used: 17 MB\tStatus: timeout\n")
  }

  func testTheTailOfALogIs4KBAtMost() {
    var log = InvocationLog()
    for _ in 1...3000 { log.append([UInt8](repeating: 0x61, count: 1000)) }
    XCTAssertLessThanOrEqual(log.bytes.count, InvocationLog.limit)
    log.append([0x62])
    XCTAssertEqual(log.tail.count, 4096)
    XCTAssertEqual(log.tail.last, 0x62)
  }
}
