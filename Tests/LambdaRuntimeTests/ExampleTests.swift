import Clock
import LambdaRuntime
import TestSupport
import XCTest

/// The example of LambdaRuntime.docc, as a program that uses the module has it.
final class LambdaRuntimeExampleTests: XCTestCase {
  func testAnEventIsAnsweredWithItselfAndAnEmptyOneWithAnError() throws {
    let server = try ScriptedServer([
      event(id: "1"), .answer(202), event(id: "2", body: []), .answer(202),
    ])
    let lost = serve(server.endpoint, CollectedLog().log())
    XCTAssertEqual(lost?.description, "next was answered with status 500")
    XCTAssertEqual(server.requests.map(\.method), ["GET", "POST", "GET", "POST", "GET"])
    XCTAssertEqual(server.requests[1].body, Array("{}".utf8))
    XCTAssertEqual(
      server.requests[3].headers["lambda-runtime-function-error-type"], "Function.NoEvent")
  }
}

/// Answers every event with itself, and one that is empty with an error.
struct Echo: InvocationHandler {
  func handle(_ invocation: Invocation) -> InvocationAnswer {
    guard invocation.payload.isEmpty else { return .echo }
    return .failure(InvocationFailure(type: "Function.NoEvent", message: "There is no event"))
  }
}

/// Serves events until the Runtime API is lost.
///
/// - Parameter endpoint: the value of `AWS_LAMBDA_RUNTIME_API`.
/// - Returns: why; the process then exits non-zero, and Lambda starts another. nil: libcurl could not be set up.
func serve(_ endpoint: String, _ log: LambdaLog) -> RuntimeLost? {
  guard let api = RuntimeAPI(endpoint: endpoint, userAgent: "echo/1.0") else { return nil }
  return InvocationLoop(api: api, handler: Echo(), log: log).run(processStart: .now())
}
