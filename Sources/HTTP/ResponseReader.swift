import CLibCurl

/// Collects one response from libcurl's callbacks.
final class ResponseReader {
  private(set) var headers = HTTPHeaders()
  private(set) var body: [UInt8] = []
  private(set) var isTooLarge = false
  let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  func restart() {
    headers = HTTPHeaders()
    body = []
    isTooLarge = false
  }

  /// Gives the body away, so that it is never copied.
  func takeBody() -> [UInt8] {
    let taken = body
    body = []
    return taken
  }

  /// Takes one header line, or the status line of this response or of an interim one (100 Continue).
  func receive(headerLine line: UnsafeRawBufferPointer) {
    if line.first == UInt8(ascii: "H"), line.starts(with: "HTTP/".utf8) {
      headers.removeAll()
    } else {
      headers.append(line: line)
    }
  }

  /// - Returns: whether the transfer may continue.
  func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= limit - body.count else {
      isTooLarge = true
      return false
    }
    if body.isEmpty, let length = headers[lowercased: "content-length"].flatMap({ Int($0) }) {
      body.reserveCapacity(min(max(length, bytes.count), limit))
    }
    body.append(contentsOf: bytes)
    return true
  }
}

/// libcurl's `CURLOPT_HEADERFUNCTION`: called once for every whole line.
let receiveHeaderLine: clibcurl_data_callback = { data, size, count, context in
  guard let data, let context else { return 0 }
  let length = size * count
  Unmanaged<ResponseReader>.fromOpaque(context).takeUnretainedValue()
    .receive(headerLine: UnsafeRawBufferPointer(start: data, count: length))
  return length
}

/// libcurl's `CURLOPT_WRITEFUNCTION`: a return other than the length ends the transfer.
let receiveBody: clibcurl_data_callback = { data, size, count, context in
  guard let data, let context else { return 0 }
  let length = size * count
  let mayGoOn = Unmanaged<ResponseReader>.fromOpaque(context).takeUnretainedValue()
    .receive(body: UnsafeRawBufferPointer(start: data, count: length))
  return mayGoOn ? length : 0
}
