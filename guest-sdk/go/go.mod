module github.com/roomcast/roomcast/guest-sdk/go

go 1.27
