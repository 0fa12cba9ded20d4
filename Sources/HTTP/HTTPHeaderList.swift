import CLibCurl

/// Request headers as libcurl takes them, built once and sent with many requests.
public final class HTTPHeaderList {
  private(set) var list: UnsafeMutablePointer<curl_slist>?

  /// - Parameter lines: `Name: value`; `Name:` alone keeps libcurl from sending that header.
  public init(_ lines: [String]) {
    for line in lines {
      // On failure (out of memory) the list so far stays valid.
      list = curl_slist_append(list, line) ?? list
    }
  }

  /// A copy of `other`, which may be none, and one more line.
  public init(_ other: HTTPHeaderList?, adding line: String) {
    var next = other?.list
    while let node = next {
      list = curl_slist_append(list, node.pointee.data) ?? list
      next = node.pointee.next
    }
    list = curl_slist_append(list, line) ?? list
  }

  deinit { curl_slist_free_all(list) }
}
