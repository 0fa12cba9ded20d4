import CLibCurl
import Glibc

/// Where the certificates are that a server's certificate is checked against.
public enum CertificateBundle {
  /// Amazon Linux's, Debian's and Alpine's.
  public static let ofPlatforms = [
    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem",
  ]

  /// The file for requests to a server that a public authority vouches for.
  ///
  /// - Parameters:
  ///   - chosen: what the user named; it counts whether it is there or not, since to fall back would be to
  ///     trust others than were asked for.
  ///   - builtIn: where libcurl looks by itself.
  ///   - exists: whether a file can be read.
  /// - Returns: nil where libcurl's own choice is right, or nothing better is there.
  public static func file(
    chosen: String?, builtIn: String? = builtIn,
    exists: (String) -> Bool = { access($0, R_OK) == 0 }
  ) -> String? {
    if let chosen { return chosen }
    if let builtIn, exists(builtIn) { return nil }
    return ofPlatforms.first(where: exists)
  }

  /// The file that libcurl was built for, which may be another platform's; nil before libcurl 7.70.
  public static var builtIn: String? {
    guard let info = clibcurl_version(),
      info.pointee.age.rawValue >= CURLVERSION_SEVENTH.rawValue, let file = info.pointee.cainfo
    else { return nil }
    return String(cString: file)
  }
}
