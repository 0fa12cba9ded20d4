import CLibCurl
import Clock

// One libcurl handle: a request in, a whole response out, by a deadline.
//
// It never retries, follows no redirect, and has no opinion on a status: that is for the caller. Signing is
// libcurl's, by keys that are given.

/// What becomes of the proxies that the environment names (`HTTPS_PROXY`, `NO_PROXY` and the like).
public enum ProxyPolicy: Sendable {
  /// Requests go straight to their host.
  case ignored
  /// They are used as libcurl uses them.
  case fromEnvironment
}

/// One libcurl handle, with its connection kept alive between requests. Not for several threads.
public final class HTTPClient {
  private let handle: UnsafeMutableRawPointer
  private let reader: ResponseReader
  private let connectTimeout: Duration
  /// What failed, in libcurl's words.
  private let failure = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  /// Kept while libcurl holds its pointer.
  private var currentHeaders: HTTPHeaderList?
  private var currentSignature: HTTPSignature?

  /// - Parameters:
  ///   - userAgent: one token, `name/version`.
  ///   - bodyLimit: the largest response body taken, in bytes.
  ///   - connectTimeout: bounds connecting even where a request has no deadline.
  ///   - proxy: a proxy in the environment must not catch traffic to this machine.
  ///   - certificates: a file of those that servers are checked against; nil: libcurl's own choice.
  ///   - signs: whether there will be requests with a signature.
  /// - Throws: when libcurl cannot be set up, or cannot sign.
  public init(
    userAgent: String, bodyLimit: Int, connectTimeout: Duration, proxy: ProxyPolicy = .ignored,
    certificates: String? = nil, signs: Bool = false
  ) throws(HTTPSetUpError) {
    if signs, !CurlVersion.linked.signs { throw .cannotSign(CurlVersion.linked) }
    // No TLS yet: loading OpenSSL's tables would lengthen every cold start. The first connection that
    // needs TLS sets it up.
    guard curl_global_init(Int(CURL_GLOBAL_NOTHING)) == CURLE_OK,
      let handle = curl_easy_init()
    else { throw .outOfMemory }
    self.handle = handle
    self.connectTimeout = connectTimeout
    reader = ResponseReader(limit: bodyLimit)

    failure.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    clibcurl_set_pointer(handle, CURLOPT_ERRORBUFFER, failure)
    setLong(CURLOPT_NOSIGNAL, 1)
    // Names are looked up in a thread of libcurl's, which would be waited for past every deadline. A look-up
    // that still hangs is left to itself, and cleans up after itself.
    setLong(CURLOPT_QUICK_EXIT, 1)
    setLong(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    if case .ignored = proxy { setString(CURLOPT_PROXY, "") }
    if let certificates { setString(CURLOPT_CAINFO, certificates) }
    setString(CURLOPT_USERAGENT, userAgent)
    let context = Unmanaged.passUnretained(reader).toOpaque()
    clibcurl_set_callback(handle, CURLOPT_HEADERFUNCTION, receiveHeaderLine)
    clibcurl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    clibcurl_set_callback(handle, CURLOPT_WRITEFUNCTION, receiveBody)
    clibcurl_set_pointer(handle, CURLOPT_WRITEDATA, context)
  }

  deinit {
    curl_easy_cleanup(handle)
    failure.deallocate()
  }

  /// Sends `request` and reads the whole response.
  ///
  /// libcurl sends a request again by itself when a reused connection dies before a byte came back.
  /// - Parameter deadline: nil waits for ever, once connected.
  /// - Throws: when there is no whole response.
  public func perform(
    _ request: HTTPRequest, until deadline: Deadline?
  ) throws(HTTPError) -> HTTPResponse {
    reader.restart()
    setString(CURLOPT_URL, request.url)
    try setHeaders(of: request)
    // To libcurl 0 means "no time-out", so a deadline that has passed is 1 ms.
    let total = deadline.map { max(1, Int(clamping: $0.remaining.wholeMillisecondsRoundedUp)) } ?? 0
    let connect = Int(clamping: connectTimeout.wholeMillisecondsRoundedUp)
    setLong(CURLOPT_TIMEOUT_MS, total)
    setLong(CURLOPT_CONNECTTIMEOUT_MS, connect)

    let code: CURLcode
    switch request.method {
    case .get:
      setLong(CURLOPT_HTTPGET, 1)
      code = curl_easy_perform(handle)
    case .post(let body):
      code = perform(post: body)
    case .put(let body):
      setString(CURLOPT_CUSTOMREQUEST, "PUT")
      defer { setString(CURLOPT_CUSTOMREQUEST, nil) }
      code = perform(post: body)
    }
    if reader.isTooLarge { throw .bodyTooLarge(limit: reader.limit) }
    guard code == CURLE_OK else { throw HTTPError(code, detail: failure) }
    var status = 0
    clibcurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return HTTPResponse(status: status, headers: reader.headers, body: reader.takeBody())
  }

  /// The headers of the last response, also where its body could not be read.
  public var lastHeaders: HTTPHeaders { reader.headers }

  private func setHeaders(of request: HTTPRequest) throws(HTTPError) {
    if currentSignature != request.signature { try sign(with: request.signature) }
    guard currentHeaders !== request.headers else { return }
    clibcurl_set_pointer(handle, CURLOPT_HTTPHEADER, request.headers?.list)
    currentHeaders = request.headers
  }

  /// - Throws: when libcurl does not take all of it: then the request must not go out.
  private func sign(with signature: HTTPSignature?) throws(HTTPError) {
    currentSignature = nil
    setString(CURLOPT_AWS_SIGV4, nil)
    setString(CURLOPT_USERNAME, nil)
    setString(CURLOPT_PASSWORD, nil)
    // Asking for signatures has set this too, and taking that back does not.
    clibcurl_set_default_auth(handle)
    guard let signature else { return }
    let codes = [
      // Not `CURLOPT_USERPWD`, which ends the name at the first colon.
      setString(CURLOPT_USERNAME, signature.user),
      setString(CURLOPT_PASSWORD, signature.password),
      setString(CURLOPT_AWS_SIGV4, signature.scope),
    ]
    if let failure = codes.first(where: { $0 != CURLE_OK }) {
      try sign(with: nil)
      throw HTTPError(failure)
    }
    currentSignature = signature
  }

  private func perform(post body: [UInt8]) -> CURLcode {
    setLong(CURLOPT_POST, 1)
    // Fields with an explicit size, not a read callback: libcurl can send them again.
    return body.withUnsafeBytes { bytes in
      clibcurl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
      // Without a pointer libcurl would look for a read callback, even for no bytes.
      return withUnsafePointer(to: UInt8(0)) { empty in
        clibcurl_set_pointer(
          handle, CURLOPT_POSTFIELDS, bytes.baseAddress ?? UnsafeRawPointer(empty))
        defer { clibcurl_set_pointer(handle, CURLOPT_POSTFIELDS, nil) }
        return curl_easy_perform(handle)
      }
    }
  }

  @discardableResult
  private func setLong(_ option: CURLoption, _ value: Int) -> CURLcode {
    clibcurl_set_long(handle, option, value)
  }

  @discardableResult
  private func setString(_ option: CURLoption, _ value: String?) -> CURLcode {
    guard let value else { return clibcurl_set_pointer(handle, option, nil) }
    return clibcurl_set_string(handle, option, value)
  }
}
