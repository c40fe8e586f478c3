LaionAnswers("9",JSON.parse('{"etc passwd":[["artist","../../etc/passwd",8,null,2,8,1,"artists/etc-passwd.html"]]}'));
