// The loop of github.com/aws/aws-lambda-go, which Debian does not have, in its shortest form: net/http over
// one kept connection.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

// finish reads what is left of an answer: else its connection is not used again.
func finish(response *http.Response, err error) ([]byte, http.Header) {
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	return body, response.Header
}

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		var in event
		body, header := finish(http.Get(base + "next"))
		if err := json.Unmarshal(body, &in); err != nil {
			panic(err)
		}
		out, err := handle(context.Background(), in)
		if err != nil {
			panic(err)
		}
		answer, err := json.Marshal(out)
		if err != nil {
			panic(err)
		}
		id := header.Get("Lambda-Runtime-Aws-Request-Id")
		finish(http.Post(base+id+"/response", "application/json", bytes.NewReader(answer)))
	}
}
