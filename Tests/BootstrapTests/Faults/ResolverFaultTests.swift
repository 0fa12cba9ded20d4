import Clock
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// Host names, played by a library that stands before glibc's `getaddrinfo`: the real resolver's
/// configuration belongs to the machine.
final class ResolverFaultTests: XCTestCase {
  /// - Parameter body: of `getaddrinfo` for the host `db.test`; other hosts are looked up as ever.
  private func resolver(_ body: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-resolver-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
    let source = """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <netdb.h>
      #include <stddef.h>
      #include <string.h>
      #include <unistd.h>
      typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);
      int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                      struct addrinfo **result) {
        lookup *real = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
        if (host && strcmp(host, "db.test") == 0) { \(body) }
        return real(host, service, hints, result);
      }
      """
    let (file, library) = (
      folder.appendingPathComponent("resolver.c"), folder.appendingPathComponent("resolver.so")
    )
    try Data(source.utf8).write(to: file)
    let run = try CommandRun.run(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["cc", "-shared", "-fPIC", "-o", library.path, file.path, "-ldl"])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    return library
  }

  private func url(_ database: TestDatabase, port: Int) -> String {
    database.urlForHandler(host: "db.test", port: port)
  }

  func testAHostWhoseFirstAddressIsDeadIsReachedByItsSecond() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let hole = try SaturatedListener(port: relay.port, address: "127.0.0.2")
    let library = try resolver(
      """
      struct addrinfo *second;
      int code = real("127.0.0.2", service, hints, result);
      if (code == 0) code = real("127.0.0.1", service, hints, &second);
      if (code == 0) (*result)->ai_next = second;
      return code;
      """)
    for temperature in ["cold", "warm"] {
      let start = Instant.now()
      let function = try FunctionUnderTest(environment: [
        "DATABASE_URL": url(database, port: relay.port), "LD_PRELOAD": library.path,
      ])
      let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
      var elapsed = Duration.zero
      if temperature == "cold" {
        XCTAssertTrue(try function.invoke(event).echoes(event), function.logText)
        elapsed = start.elapsed
      } else {
        _ = try function.invoke(event)
        relay.cutConnections(abruptly: true)
        let next = TestEvent("PostConfirmation_ConfirmSignUp").bytes
        let answer = try function.invoke(next)
        XCTAssertTrue(answer.echoes(next), function.logText)
        elapsed = answer.elapsed
      }
      XCTAssertLessThan(elapsed, FaultTrial.limit)
      FaultTable.record(
        fault: "first of two addresses is dead", temperature: temperature, elapsed: elapsed,
        seen: "nothing")
    }
    withExtendedLifetime(hole) {}
  }

  func testAResolverThatHangsCostsTheBudgetAndNoMore() throws {
    let database = try TestDatabase()
    let relay = try TCPRelay(to: database.serverPort)
    let hanging = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-hang-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: hanging) }
    // While the file is there every look-up hangs, as long as a process lives.
    let library = try resolver(
      """
      if (access("\(hanging.path)", F_OK) == 0) sleep(600);
      return real("127.0.0.1", service, hints, result);
      """)
    try FaultTrial(
      fault: "resolver hangs", database: database,
      databaseURL: url(database, port: relay.port), environment: ["LD_PRELOAD": library.path],
      inject: {
        try Data().write(to: hanging)
        relay.cutConnections(abruptly: true)
      },
      heal: { try FileManager.default.removeItem(at: hanging) },
      logged: "timed out (resolve)"
    ).play()
  }

  func testAResolverThatHangsCostsWriteBackItsShareOnly() throws {
    let database = try TestDatabase()
    let library = try resolver("sleep(600); return EAI_AGAIN;")
    let function = try FunctionUnderTest(
      environment: [
        "DATABASE_URL": database.handlerURL, "WRITE_BACK_ATTRIBUTE": "custom:userId",
        "AWS_ENDPOINT_URL": "http://db.test:5000", "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b", "LD_PRELOAD": library.path,
      ], keeping: database)
    let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
    XCTAssertTrue(try function.invoke(event).echoes(event), function.logText)
    let report = try XCTUnwrap(function.takeReport())
    XCTAssertEqual(report["outcome"] as? String, "inserted")
    XCTAssertEqual(report["writeBack"] as? String, "failed")
    XCTAssertLessThan(try XCTUnwrap(report["totalMs"] as? Double), 3000, "a share of 4000")
  }
}
