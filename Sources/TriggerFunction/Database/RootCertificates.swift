import Glibc
import HTTP
import Postgres
import Settings

/// Where the certificates are that a server's own is checked against.
///
/// libpq 15 knows one place, a file in the home directory, and Lambda has no such directory.
enum RootCertificates {
  /// A bundle that was put into the zip; it may hold RDS's roots only, which suffices here.
  private static let inPackage = "ca.pem"

  /// - Parameter exists: whether a file can be read.
  /// - Returns: the file for `sslrootcert`; nil where none is needed, was chosen already, or is there.
  ///   Only the modes that verify get one: to libpq a root file turns `require` into `verify-ca`.
  static func file(
    for database: ConnectionParameters, _ environment: Environment,
    exists: (String) -> Bool = { access($0, R_OK) == 0 }
  ) -> String? {
    let mode = database["sslmode"] ?? environment["PGSSLMODE"]
    guard mode == "verify-full" || mode == "verify-ca",
      database["sslrootcert"] == nil, environment["PGSSLROOTCERT"] == nil
    else { return nil }
    let packaged = environment["LAMBDA_TASK_ROOT"].map { "\($0)/\(inPackage)" }
    let own = environment["HOME"].map { "\($0)/.postgresql/root.crt" }
    return ([packaged, own].compactMap(\.self) + CertificateBundle.ofPlatforms).first(where: exists)
  }
}
