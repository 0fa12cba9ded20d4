import Foundation

/// A certificate authority of a test's own, and server certificates signed by it; made with openssl.
public final class TestCertificates {
  public let folder: URL

  public init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-ca-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try openssl(
      ["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=PoolTable test authority"]
        + newKey("ca.key") + ["-out", path("ca.crt")])
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The path of the authority's own certificate, for `sslrootcert`.
  public var authority: String { path("ca.crt") }

  /// - Parameters:
  ///   - host: the only name that the certificate is good for.
  ///   - days: until it expires; negative: so long ago.
  public func server(
    host: String, days: Int = 2
  ) throws -> (certificate: Data, key: Data) {
    try openssl(
      ["req", "-nodes", "-subj", "/CN=PoolTable test server"] + newKey("server.key")
        + ["-addext", "subjectAltName=DNS:\(host)", "-out", path("server.csr")])
    try openssl([
      "x509", "-req", "-in", path("server.csr"), "-CA", authority, "-CAkey", path("ca.key"),
      "-CAcreateserial", "-days", "\(days)", "-copy_extensions", "copy",
      "-out", path("server.crt"),
    ])
    return (
      try Data(contentsOf: folder.appendingPathComponent("server.crt")),
      try Data(contentsOf: folder.appendingPathComponent("server.key"))
    )
  }

  private func newKey(_ name: String) -> [String] {
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", path(name)]
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func openssl(_ arguments: [String]) throws {
    let run = try CommandRun.run(URL(fileURLWithPath: "/usr/bin/openssl"), arguments)
    guard run.exitCode == 0 else {
      throw TestEnvironment.Missing(description: "openssl: \(run.errors)")
    }
  }
}
