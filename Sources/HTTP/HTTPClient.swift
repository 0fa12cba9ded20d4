import CLibCurl
import Deadline

/// One libcurl handle, with its connection kept alive between requests. Not for several threads.
public final class HTTPClient {
  private let handle: UnsafeMutableRawPointer
  private let reader: ResponseReader
  private let connectTimeout: Duration
  /// Kept while libcurl holds its pointer.
  private var currentHeaders: HTTPHeaderList?

  /// - Parameters:
  ///   - userAgent: one token, `name/version`.
  ///   - bodyLimit: the largest response body taken, in bytes.
  ///   - connectTimeout: bounds connecting even where a request has no deadline.
  /// - Returns: nil when libcurl cannot be set up (out of memory).
  public init?(userAgent: String, bodyLimit: Int, connectTimeout: Duration) {
    // No TLS yet: loading OpenSSL's tables would lengthen every cold start.
    guard curl_global_init(Int(CURL_GLOBAL_NOTHING)) == CURLE_OK,
      let handle = curl_easy_init()
    else { return nil }
    self.handle = handle
    self.connectTimeout = connectTimeout
    reader = ResponseReader(limit: bodyLimit)

    setLong(CURLOPT_NOSIGNAL, 1)
    setLong(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    // An `http_proxy` in the environment must not catch this traffic.
    setString(CURLOPT_PROXY, "")
    setString(CURLOPT_USERAGENT, userAgent)
    let context = Unmanaged.passUnretained(reader).toOpaque()
    pooltable_curl_set_callback(handle, CURLOPT_HEADERFUNCTION, receiveHeaderLine)
    pooltable_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    pooltable_curl_set_callback(handle, CURLOPT_WRITEFUNCTION, receiveBody)
    pooltable_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
  }

  deinit { curl_easy_cleanup(handle) }

  /// Sends `request` and reads the whole response.
  ///
  /// libcurl sends a request again by itself when a reused connection dies before a byte came back.
  /// - Parameter deadline: nil waits for ever, once connected.
  public func perform(
    _ request: HTTPRequest, until deadline: Deadline?
  ) throws(HTTPError) -> HTTPResponse {
    reader.restart()
    setString(CURLOPT_URL, request.url)
    if currentHeaders !== request.headers {
      pooltable_curl_set_pointer(handle, CURLOPT_HTTPHEADER, request.headers?.list)
      currentHeaders = request.headers
    }
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
    }
    if reader.isTooLarge { throw .bodyTooLarge(limit: reader.limit) }
    guard code == CURLE_OK else { throw HTTPError(code) }
    var status = 0
    pooltable_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return HTTPResponse(status: status, headers: reader.headers, body: reader.takeBody())
  }

  /// The headers of the last response, also where its body could not be read.
  public var lastHeaders: HTTPHeaders { reader.headers }

  private func perform(post body: [UInt8]) -> CURLcode {
    setLong(CURLOPT_POST, 1)
    // Fields with an explicit size, not a read callback: libcurl can send them again.
    return body.withUnsafeBytes { bytes in
      pooltable_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
      // Without a pointer libcurl would look for a read callback, even for no bytes.
      return withUnsafePointer(to: UInt8(0)) { empty in
        pooltable_curl_set_pointer(
          handle, CURLOPT_POSTFIELDS, bytes.baseAddress ?? UnsafeRawPointer(empty))
        defer { pooltable_curl_set_pointer(handle, CURLOPT_POSTFIELDS, nil) }
        return curl_easy_perform(handle)
      }
    }
  }

  private func setLong(_ option: CURLoption, _ value: Int) {
    pooltable_curl_set_long(handle, option, value)
  }

  private func setString(_ option: CURLoption, _ value: String) {
    pooltable_curl_set_string(handle, option, value)
  }
}
