module example.org/logtools

go 1.25

require (
	github.com/klauspost/compress v1.20.3
	github.com/valyala/fastjson v1.6.10
)
